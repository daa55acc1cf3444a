-- state: states of a hidden Markov model and their emission likelihoods (Rabiner 1989). In each scene the story is at a
-- chapter, and the scene either tells that chapter (in_book) or is not in the book.
--   log_likelihood_nats  evidence for the chapter, plus the log of the prior: $invented_share of the scenes are not in the book
--   likelihood           exp of that, relative to the likeliest state of the scene
WITH emission AS (
    SELECT scene_no, chapter_no, true AS in_book,
        dialogue + characters + words + image + place + ln(1 - $invented_share) AS log_likelihood_nats
    FROM chapter_scene_evidence
    WHERE title_id = $title_id AND film_id = $film_id
    UNION ALL
    SELECT scene_no, chapter_no, false, ln($invented_share)
    FROM chapter_scene_evidence
    WHERE title_id = $title_id AND film_id = $film_id
)
SELECT *, exp(log_likelihood_nats - max(log_likelihood_nats) OVER (PARTITION BY scene_no)) AS likelihood
FROM emission
