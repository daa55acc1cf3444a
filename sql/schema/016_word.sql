-- What is a word, and when two are the same: everything that lays words of a book against words of a film asks here.

-- Small letters, without accents and apostrophes.
CREATE MACRO words(text) AS regexp_extract_all(regexp_replace(strip_accents(lower(text)), '[''’]', '', 'g'), '[\p{L}\p{N}]+');

-- Without the commonest endings: "walks" and "walked" are one word.
CREATE MACRO stem(word) AS regexp_replace(word, '(\p{L}{3})(ing|ed|es|e|s)$', '\1');
