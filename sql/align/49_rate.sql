-- rate: the parameters of the model, first as they are expected; 57_rate learns the film's own.
SELECT * FROM expected_rate
