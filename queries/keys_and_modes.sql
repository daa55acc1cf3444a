-- Key and mode of each music segment of the album, and how often the segment is used in the book.
--
-- $title: name of the title
--
-- track_no          number of the track
-- track_title       title of the track
-- music_segment_no  number of the music segment inside its track
-- start_s           start in its track, in seconds
-- end_s             end in its track, in seconds
-- key               key with the highest mean key strength over the segment
-- key_strength      that mean: a correlation, -1..1
-- mode              major or minor, as the weave uses it
-- mode_strength     above 0 for major, below for minor
-- arousal           0 calmest .. 1 most stirring of the album
-- n_segments        number of text segments that it accompanies
WITH strength AS (
    SELECT
        music_segment.track_no,
        music_segment_no,
        unnest(strength) AS strength,
        generate_subscripts(strength, 1) AS key_no
    FROM title
    JOIN music_segment USING (album_id)
    JOIN keystrength USING (album_id, track_no)
    WHERE title.name = $title AND time_s >= start_s AND time_s < end_s
),
mean AS (
    SELECT track_no, music_segment_no, key_no, avg(strength) AS strength FROM strength GROUP BY ALL
),
best AS (
    SELECT track_no, music_segment_no, arg_max(key_no, strength) AS key_no, max(strength) AS key_strength
    FROM mean
    GROUP BY ALL
),
heard AS (
    SELECT track_no, music_segment_no, count(*) AS n_segments
    FROM soundtrack
    JOIN title USING (title_id)
    WHERE title.name = $title
    GROUP BY ALL
)
SELECT
    track_no,
    track.title AS track_title,
    music_segment_no,
    round(start_s, 2) AS start_s,
    round(end_s, 2) AS end_s,
    ['C', 'C♯', 'D', 'E♭', 'E', 'F', 'F♯', 'G', 'A♭', 'A', 'B♭', 'B'][(key_no - 1) % 12 + 1]
        || CASE WHEN key_no > 12 THEN ' minor' ELSE ' major' END AS key,
    round(key_strength, 3) AS key_strength,
    mode,
    round(mode_strength, 3) AS mode_strength,
    round(arousal, 3) AS arousal,
    coalesce(n_segments, 0) AS n_segments
FROM title
JOIN music_segment USING (album_id)
JOIN track USING (album_id, track_no)
LEFT JOIN best USING (track_no, music_segment_no)
LEFT JOIN heard USING (track_no, music_segment_no)
WHERE title.name = $title
ORDER BY track_no, music_segment_no
