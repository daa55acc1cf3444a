-- trust: how much of what each kind of evidence claims holds, learnt from this very book and film.
--   kind   as in claim
--   share  what a claimed nat is worth, 0..1.5
--
-- Scenes that a spoken line places for sure judge the other kinds: the share under which their claims give the
-- sure chapters the greatest likelihood among all chapters (conditional logistic regression). It is held near
-- 1/3, as if by ten scenes; where no scene is sure, it stays there.
WITH sure AS (
    SELECT scene_no, arg_max(chapter_no, nats) AS chapter_no
    FROM (SELECT chapter_no, scene_no, max(beyond_nats) + 3 AS nats FROM spoken_line GROUP BY ALL), line_trust
    GROUP BY scene_no
    HAVING (SELECT count(*) FROM chapter WHERE book_id = $book_id) * any_value(by_chance) * exp(-any_value(slope) * max(nats)) < 0.01
),
told AS (
    SELECT kind, scene_no, s.chapter_no = c.chapter_no AS is_own, nats
    FROM claim AS c JOIN sure AS s USING (scene_no)
),
step AS (SELECT n / 20 AS share FROM range(31) AS r(n)),
fit AS (
    SELECT kind, share, scene_no,
        share * (any_value(nats) FILTER (is_own) - any_value(top)) - ln(sum(exp(share * (nats - top)))) AS nats
    FROM (SELECT *, max(nats) OVER (PARTITION BY kind, scene_no) AS top FROM told), step
    GROUP BY kind, share, scene_no
)
SELECT kind, arg_max(share, coalesce(nats, 0) - 15 * (share - 1 / 3) ** 2) AS share
FROM (VALUES ('names'), ('speakers'), ('words'), ('images')) AS k(kind)
CROSS JOIN step
LEFT JOIN (SELECT kind, share, sum(nats) AS nats FROM fit GROUP BY ALL) USING (kind, share)
GROUP BY kind
