-- name_claim: what the names of a scene claim for each chapter, in nats: their chance if it tells one of the chapter's
-- passages, any of them as likely, against their chance in the whole book.
--   kind  as in scene_name
--
-- Four names in five are of the passage's people, the fifth of anybody in the book. A name counts three times at most,
-- since one talk names the same person again and again. A passage that mentions nobody claims nothing.
WITH heard AS (SELECT kind, scene_no, name, least(n, 3) AS n FROM scene_name),
about AS (SELECT chapter_no, passage_no, n_all FROM passage LEFT JOIN passage_name USING (passage_no) GROUP BY ALL),
in_book AS (SELECT name, sum(n) / (SELECT sum(n_all) FROM about) AS share FROM passage_name GROUP BY name),
-- Most passages have none of a scene's names: what that claims is the same for all of them.
without AS (
    SELECT kind, scene_no, sum(n) * ln(0.2) AS nats FROM heard SEMI JOIN in_book USING (name) GROUP BY ALL
),
more AS (
    SELECT kind, passage_no, scene_no, sum(heard.n * ln(1 + 0.8 / 0.2 * p.n / n_all / share)) AS nats
    FROM heard
    JOIN in_book USING (name)
    JOIN passage_name AS p USING (name)
    GROUP BY ALL
),
claim AS (
    SELECT kind, chapter_no, scene_no,
        CASE WHEN n_all IS NULL THEN 0 ELSE without.nats + coalesce(more.nats, 0) END AS nats
    FROM without
    CROSS JOIN about
    LEFT JOIN more USING (kind, passage_no, scene_no)
)
SELECT kind, chapter_no, scene_no, round(any_value(most) + ln(avg(exp(nats - most))), 6) AS nats
FROM (SELECT *, max(nats) OVER (PARTITION BY kind, chapter_no, scene_no) AS most FROM claim)
GROUP BY ALL
