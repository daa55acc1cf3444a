"""The models behind Bookscore: both sets through the same loading code, without the network."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny_roberta

from bookscore.engine.errors import BookscoreError
from bookscore.engine.models import Models, catalogue

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the sea was calm and grey she wept"
ROOT = Path(__file__).parents[2]


def run_python(code: str, *search_path: Path) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path[:0] = {[str(path) for path in (*search_path, ROOT)]!r}\n{code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def embedded() -> Models:
    return Models("embedded")


@pytest.fixture(scope="session")
def full_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the full set's files, as the hub lays them out, but random weights."""
    import torch
    import transformers
    from safetensors.torch import save_file
    from tokenizers import BertWordPieceTokenizer

    from bookscore.engine.models.torchvision_guard import guard_torchvision

    guard_torchvision()
    import open_clip

    root = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOKSCORE_MODELS", str(root))
        folders = {task: catalogue.entry(task, "full").folder for task in catalogue.TASKS}
    for folder in folders.values():
        folder.mkdir(parents=True)

    torch.manual_seed(7)
    clip = open_clip.create_model("ViT-B-32", pretrained=None)
    save_file(
        {name: weight.contiguous() for name, weight in clip.state_dict().items()},
        folders["image_text"] / "open_clip_model.safetensors",
    )

    words = WORDS.split()
    vocabulary = {word: number for number, word in enumerate(words)}
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    tiny_roberta.write(folders["emotion"])

    mpnet = transformers.MPNetModel(
        transformers.MPNetConfig(
            vocab_size=len(words), max_position_embeddings=32, **(sizes | {"hidden_size": 768})
        )
    )
    mpnet.save_pretrained(folders["sentence"])
    BertWordPieceTokenizer(vocabulary).save(str(folders["sentence"] / "tokenizer.json"))
    (folders["sentence"] / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]"})
    )
    (folders["sentence"] / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 16}))
    return root


@pytest.fixture
def full(full_models: Path, monkeypatch: pytest.MonkeyPatch) -> Models:
    monkeypatch.setenv("BOOKSCORE_MODELS", str(full_models))
    return Models("full")


def pictures(count: int) -> list[np.ndarray]:
    noise = np.random.default_rng(3)
    return [noise.integers(0, 256, (90 + 7 * n, 160, 3), dtype=np.uint8) for n in range(count)]


def assert_unit(vectors: np.ndarray, count: int, dim: int) -> None:
    assert vectors.shape == (count, dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_catalogue_has_one_model_for_each_task_and_set() -> None:
    pairs = [(model.task, model.model_set) for model in catalogue.CATALOGUE]
    assert sorted(pairs) == sorted((task, s) for task in catalogue.TASKS for s in ("embedded", "full"))
    assert len({model.model_id for model in catalogue.CATALOGUE}) == 6


def test_importing_the_catalogue_loads_no_heavy_library() -> None:
    done = run_python(
        "import bookscore.engine.models as models, bookscore.engine.models.catalogue as c\n"
        "m = models.Models('embedded'); [m.model_id(t) for t in c.TASKS]; c.choose('auto')\n"
        "print([n for n in ('torch', 'transformers', 'open_clip', 'torchvision', 'PIL', 'scipy') if n in sys.modules])"
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_auto_takes_the_full_set_only_when_all_its_weights_are_there(
    full_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKSCORE_MODELS", str(full_models))
    assert catalogue.choose("auto") == ("full", None)
    assert catalogue.choose("full") == ("full", None)
    assert catalogue.choose("embedded") == ("embedded", None)

    partial = tmp_path / "partial"
    partial.mkdir()
    for folder in full_models.iterdir():
        if not folder.name.startswith("laion"):
            (partial / folder.name).symlink_to(folder)
    monkeypatch.setenv("BOOKSCORE_MODELS", str(partial))
    model_set, note = catalogue.choose("auto")
    assert model_set == "embedded"
    assert note is not None and "bookscore models pull" in note and "0.6 GB" in note and "\n" not in note
    with pytest.raises(BookscoreError, match=r"CLIP-ViT-B-32.*bookscore models pull"):
        catalogue.choose("full")


def test_unknown_sets_and_tasks_are_refused() -> None:
    with pytest.raises(BookscoreError, match="auto, full or embedded"):
        catalogue.choose("best")
    with pytest.raises(BookscoreError, match="'music'"):
        catalogue.entry("music", "full")


def test_loading_a_model_that_is_not_there_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOKSCORE_MODELS", str(tmp_path))
    with pytest.raises(BookscoreError, match=r"all-mpnet-base-v2@.*bookscore models pull"):
        _ = Models("full").sentence


def test_pull_asks_the_hub_for_the_pinned_files_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    asked: dict[str, object] = {}
    monkeypatch.setenv("BOOKSCORE_MODELS", str(tmp_path))
    monkeypatch.setattr(
        huggingface_hub, "snapshot_download", lambda repo, **how: asked.update(repo=repo, **how)
    )
    model = catalogue.entry("image_text", "full")
    assert model.pull() == model.folder
    assert asked == {
        "repo": "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        "revision": model.revision,
        "allow_patterns": ["open_clip_model.safetensors"],
        "local_dir": model.folder,
    }
    assert len(model.revision) == 40


def test_pull_without_a_network_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKSCORE_MODELS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    done = run_python(
        "from bookscore.engine.errors import BookscoreError\nfrom bookscore.engine.models import catalogue\n"
        "try: catalogue.entry('sentence', 'full').pull()\n"
        "except BookscoreError as error: print(error)"
    )
    assert done.stderr == ""
    (line,) = done.stdout.splitlines()
    assert "sentence-transformers/all-mpnet-base-v2" in line and "bookscore models pull" in line


def test_pull_that_breaks_off_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub
    from huggingface_hub.errors import HTTPError

    def break_off(*_: object, **__: object) -> None:
        raise HTTPError("connection lost\nmore about it")

    monkeypatch.setenv("BOOKSCORE_MODELS", str(tmp_path))
    monkeypatch.setattr(huggingface_hub, "snapshot_download", break_off)
    with pytest.raises(BookscoreError, match=r"\(connection lost\).*bookscore models pull"):
        catalogue.entry("sentence", "full").pull()


@pytest.mark.parametrize("model_set", ["embedded", "full"])
def test_models_can_be_pickled_before_and_after_loading(
    model_set: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("full")
    models = Models(model_set)
    assert pickle.loads(pickle.dumps(models)).model_set == model_set
    before = models.emotion.classify(["she wept"])
    copy = pickle.loads(pickle.dumps(models))
    np.testing.assert_array_equal(copy.emotion.classify(["she wept"]), before)


def test_loading_and_encoding_write_nothing_to_the_terminal(full_models: Path) -> None:
    done = run_python(
        "import os; from pathlib import Path; import numpy as np\n"
        f"os.environ['BOOKSCORE_MODELS'] = {str(full_models)!r}\n"
        "from bookscore.engine.models import Models\n"
        "for s in ('embedded', 'full'):\n"
        "    m = Models(s)\n"
        "    m.sentence.encode(['the sea ' * 600]); m.emotion.classify(['she wept ' * 600])\n"
        "    m.image_text.encode_images([np.zeros((8, 9, 3), np.uint8)]); m.image_text.encode_texts(['sea ' * 600])"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(("model_set", "dim"), [("embedded", 384), ("full", 768)])
def test_sentence_vectors_have_unit_length_and_the_catalogues_dim(
    model_set: str, dim: int, request: pytest.FixtureRequest
) -> None:
    encoder = request.getfixturevalue(model_set).sentence
    texts = ["she wept", "", "the sea was calm and grey " * 20, "the sea"]
    assert catalogue.entry("sentence", model_set).dim == encoder.dim == dim
    assert_unit(encoder.encode(texts), 4, dim)
    assert encoder.encode([]).shape == (0, dim)
    np.testing.assert_array_equal(encoder.encode(texts), encoder.encode(texts))


def test_a_sentence_vector_does_not_depend_on_its_companions(embedded: Models) -> None:
    texts = [f"Chapter {n} began {'quietly, very ' * n}quietly." for n in range(40)]
    together = embedded.sentence.encode(texts)
    for number in (0, 20, 39):
        assert embedded.sentence.encode([texts[number]])[0] @ together[number] > 0.9999  # half precision


def test_sentences_near_in_meaning_lie_near(embedded: Models) -> None:
    cat, feline, market = embedded.sentence.encode(
        ["The cat sat on the mat.", "A feline rested on the rug.", "Stock markets fell sharply."]
    )
    assert cat @ feline > 0.4 > 0.2 > cat @ market


def test_the_end_of_a_long_paragraph_counts(embedded: Models) -> None:
    calm = "The sea lay calm and grey before them. " * 60
    storm = "Then the storm broke the mast and drowned the crew. " * 60
    first, both, last = embedded.sentence.encode([calm, calm + storm, storm])
    assert both @ last > 0.5
    assert both @ first > 0.5


@pytest.mark.parametrize(("model_set", "dim"), [("embedded", 384), ("full", 512)])
def test_images_and_texts_have_unit_vectors_of_one_dim(
    model_set: str, dim: int, request: pytest.FixtureRequest
) -> None:
    encoder = request.getfixturevalue(model_set).image_text
    images = pictures(3)
    vectors = encoder.encode_images(images)
    assert catalogue.entry("image_text", model_set).dim == encoder.dim == dim
    assert_unit(vectors, 3, dim)
    assert_unit(encoder.encode_texts(["the sea", "word " * 300]), 2, dim)
    assert encoder.encode_images([]).shape == encoder.encode_texts([]).shape == (0, dim)
    np.testing.assert_array_equal(encoder.encode_images(images), vectors)
    np.testing.assert_allclose(encoder.encode_images(images[2:]), vectors[2:], atol=1e-4)


def test_the_stand_in_finds_the_photograph_a_text_tells_of(embedded: Models) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    images = datasets.load_sample_images().images  # a Chinese temple, a flower
    vectors = embedded.image_text.encode_images(images)
    texts = embedded.image_text.encode_texts(
        ["An old temple with curved roofs stood under the sky.", "The daisy opened its petals in the garden."]
    )
    assert (texts @ vectors.T).argmax(axis=1).tolist() == [0, 1]


def test_the_onnx_classifier_puts_out_what_the_torch_network_does(embedded: Models) -> None:
    import torch
    from efficientnet_lite_pytorch import EfficientNet
    from onnxruntime import InferenceSession

    from bookscore.engine.models.onnx_graph import efficientnet_lite

    model = catalogue.entry("image_text", "embedded")
    network = EfficientNet.from_name("efficientnet-lite2").eval()
    network.load_state_dict(torch.load(model.folder / model.files[0], weights_only=True))
    pixels = np.random.default_rng(2).normal(size=(2, 3, 260, 260)).astype(np.float32)
    with torch.inference_mode():
        expected = network(torch.from_numpy(pixels)).numpy()
    session = InferenceSession(efficientnet_lite(network), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"pixels": pixels})
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_stand_in_vector_does_not_depend_on_the_images_beside_it(embedded: Models) -> None:
    images = pictures(5)
    together = embedded.image_text.encode_images(images)
    for number in (0, 4):
        np.testing.assert_array_equal(
            embedded.image_text.encode_images([images[number]])[0], together[number]
        )


BROKEN_TORCHVISION = """
import torch
torch.library.register_fake("torchvision::nms")(lambda dets, scores, iou_threshold: None)
works = True
"""


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        (BROKEN_TORCHVISION, "True True"),
        ("works = True", "True False"),
        ("raise RuntimeError('another trouble')", "another trouble"),
    ],
)
def test_the_guard_repairs_missing_operators_and_nothing_else(
    tmp_path: Path, package: str, expected: str
) -> None:
    (tmp_path / "torchvision").mkdir()
    (tmp_path / "torchvision" / "__init__.py").write_text(package)
    done = run_python(
        "from bookscore.engine.models.torchvision_guard import guard_torchvision\n"
        "try:\n"
        "    guard_torchvision()\n"
        "    import torch, torchvision\n"
        "    print(torchvision.works, hasattr(torch.ops.torchvision, 'nms'))\n"
        "except RuntimeError as error: print(error)",
        tmp_path,
    )
    assert (done.stdout.strip(), done.stderr) == (expected, "")
