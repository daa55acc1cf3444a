"""A soundtrack's music as sound: cut, looped, mixed, encoded."""
