-- passage_name: how often a passage mentions people who bear a name. A film may call the Sara of the book Crewe: that
-- speaks for a passage about her, by whichever name.
--   n      mentions of people who bear it
--   n_all  mentions of anybody
WITH met AS (
    SELECT passage_no, person_no, count(*) AS n
    FROM mention
    JOIN passage USING (chapter_no, paragraph_no)
    WHERE book_id = $book_id
    GROUP BY ALL
)
SELECT passage_no, name, sum(n) AS n, n_all
FROM met
JOIN person_name USING (person_no)
JOIN (SELECT passage_no, sum(n) AS n_all FROM met GROUP BY ALL) USING (passage_no)
GROUP BY ALL
