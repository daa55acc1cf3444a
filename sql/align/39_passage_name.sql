-- passage_name: term frequencies, with names as terms: how often each passage mentions people who bear a name. A mention
-- counts for every name of the person, since a film may call the book's Sara by her surname.
--   n      mentions in the passage of people who bear the name
--   n_all  mentions in the passage of anybody
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
