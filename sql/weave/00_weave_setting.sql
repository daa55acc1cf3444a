-- weave_setting: the settings the title is woven with, and why the weave has each. Weights are in one unit:
-- what a piece is worth to one segment. $settings is all of them, as JSON.
WITH why(name, reason) AS (VALUES
    ('rule', 'ours: one plan for the whole book; paper: film first, else emotion, each by the throw of a hash'),
    ('film_weight', 'readers liked music from the film best (paper 4.3): a spoken line outweighs all else together'),
    ('emotion_weight', 'from the wrong end of the mode to the right one: what all else is measured by'),
    ('calm_weight', 'stirring music disturbed readers even where its mode was right (paper 4.3): the most stirring loses nearly what a right mode earns'),
    ('calm_arousal', 'up to here music is calm: seven tenths of the pool'),
    ('short_weight', 'a piece that comes round many times a page wears'),
    ('short_s', 'below this a piece is short: it would be heard sixteen times in a segment of four minutes'),
    ('again_weight', 'to hear a piece again at once spoils about what a right mode earns, unless the film does so; moderate repetition disturbed nobody (paper 4.3)'),
    ('again_segments', 'after so many other segments, about half an hour, a piece is welcome again'),
    ('theme_weight', 'a famous theme distracts where it is over-used (paper 4.3): a track that has had twice its share loses half of what a right mode earns'),
    ('go_on_weight', 'inside one scene of the film music should rather run on than change'),
    ('chance_weight', 'settles what is equal, and spreads a large pool over the book'),
    ('seed', 'another seed settles what is equal otherwise'),
    ('neighbourhood_s', 'how far from a moment music may be heard and still belong to it'),
    ('near_s', 'so far from its moment, music counts half'),
    ('candidates', 'pieces a segment chooses from: the choice of the best hardly changes beyond a dozen'),
    ('beam', 'plans kept for each segment and piece it may end with; more change little')
)
SELECT $title_id AS title_id, key AS name, value->>'$' AS value, reason
FROM json_each($settings::JSON)
LEFT JOIN why ON name = key
ORDER BY name
