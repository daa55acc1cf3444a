"""A RoBERTa for GoEmotions with random weights, laid out as the hub lays out the full set's."""

from __future__ import annotations

import json
from pathlib import Path

from bookscore.engine.models.emotion import CLASS_OF_LABEL

GOEMOTIONS = [*sorted(CLASS_OF_LABEL.keys() - {"neutral"}), "neutral"]
WORDS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "the", "sea", "was", "calm", "and", "grey", "she", "wept"]


def write(folder: Path) -> None:
    """Write the files that the catalogue's full emotion model needs."""
    import torch
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    from bookscore.engine.models.torchvision_guard import guard_torchvision

    guard_torchvision()
    torch.manual_seed(7)
    transformers.RobertaForSequenceClassification(
        transformers.RobertaConfig(
            vocab_size=len(WORDS),
            max_position_embeddings=18,  # of which RoBERTa can use 16
            id2label=dict(enumerate(GOEMOTIONS)),
            label2id={label: number for number, label in enumerate(GOEMOTIONS)},
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            initializer_range=0.5,
        )
    ).save_pretrained(folder)
    number = {word: place for place, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(number, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>"})
    )
