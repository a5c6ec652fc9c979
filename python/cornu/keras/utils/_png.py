"""Pictures without Pillow: PNG, PPM, PGM and BMP by the standard library and NumPy. 8 bits a channel, not interlaced."""
import struct
import zlib

import numpy as np

_MAGIC = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
MAX_PIXELS = 1 << 28


def decode(data, name="picture"):
    """uint8 [height, width, channels] of the file's bytes; None if the format is another one. Throws ValueError for a damaged file."""
    try:
        if data.startswith(_MAGIC):
            return _png(data)
        if data[:2] in (b"P5", b"P6"):
            return _pnm(data)
        if data[:2] == b"BM":
            return _bmp(data)
    except (struct.error, IndexError, zlib.error, KeyError) as error:
        raise ValueError(f"{name}: a damaged picture ({error})") from error
    return None


def _sized(width, height, channels=3):
    if width < 1 or height < 1 or width * height * channels > MAX_PIXELS:
        raise ValueError(f"a picture of {width} x {height} pixels is not read")


def _png(data):
    place, pieces, palette, alpha = len(_MAGIC), [], None, None
    header = None
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place:place + 8])
        body = data[place + 8:place + 8 + length]
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"PLTE":
            palette = np.frombuffer(body, np.uint8).reshape(-1, 3)
        elif kind == b"tRNS":
            alpha = body
        elif kind == b"IDAT":
            pieces.append(body)
        elif kind == b"IEND":
            break
        place += 12 + length
    width, height, depth, colour, _, _, interlace = header
    if depth != 8 or interlace:
        return None
    channels = _CHANNELS[colour]
    _sized(width, height, channels)
    stride = width * channels
    raw = zlib.decompressobj().decompress(b"".join(pieces), (stride + 1) * height)
    rows = np.frombuffer(raw, np.uint8).reshape(height, stride + 1)
    image = np.zeros((height + 1, stride + channels), np.uint8)  # a row of zeros above, a pixel of zeros at the left
    for y in range(height):
        _unfilter(int(rows[y, 0]), rows[y, 1:], image[y], image[y + 1], channels)
    image = image[1:, channels:].reshape(height, width, channels)
    if palette is not None and colour == 3:
        if alpha is not None:
            opacity = np.full(len(palette), 255, np.uint8)
            opacity[:len(alpha)] = np.frombuffer(alpha, np.uint8)
            palette = np.concatenate([palette, opacity[:, None]], axis=1)
        image = palette[image[..., 0]]
    return np.ascontiguousarray(image)


def _unfilter(kind, line, above, out, n):
    """Undoes one row's filter. `out` and `above` begin with one pixel of zeros."""
    if kind == 0:
        out[n:] = line
    elif kind == 1:
        out[n:] = np.cumsum(line.reshape(-1, n), axis=0, dtype=np.uint8).ravel()
    elif kind == 2:
        out[n:] = line + above[n:]
    else:
        left, up, made = [0] * n, above.tolist(), line.tolist()
        for i, value in enumerate(made):
            a, b, c = left[i], up[i + n], up[i]
            if kind == 3:
                guess = (a + b) // 2
            else:
                pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - 2 * c)
                guess = a if pa <= pb and pa <= pc else b if pb <= pc else c
            left.append((value + guess) & 255)
        out[n:] = left[n:]


def _pnm(data):
    fields, place = [], 2
    while len(fields) < 3:
        while data[place:place + 1].isspace():
            place += 1
        if data[place:place + 1] == b"#":
            place = data.index(b"\n", place) + 1
            continue
        end = place
        while not data[end:end + 1].isspace():
            end += 1
        fields.append(int(data[place:end]))
        place = end
    width, height, largest = fields
    if largest != 255:
        return None
    channels = 3 if data[:2] == b"P6" else 1
    _sized(width, height, channels)
    return np.frombuffer(data, np.uint8, width * height * channels, place + 1).reshape(height, width, channels)


def _bmp(data):
    offset, = struct.unpack("<I", data[10:14])
    width, height, _, bits, packing = struct.unpack("<iiHHI", data[18:34])
    if bits not in (24, 32) or packing not in (0, 3):
        return None
    _sized(width, abs(height))
    n = bits // 8
    stride = (width * n + 3) // 4 * 4
    rows = np.frombuffer(data, np.uint8, stride * abs(height), offset).reshape(abs(height), stride)[:, :width * n]
    image = rows.reshape(abs(height), width, n)[:, :, 2::-1]
    return np.ascontiguousarray(image[::-1] if height > 0 else image)


def encode(image):
    """PNG bytes of uint8 [height, width, channels], channels 1 to 4."""
    height, width, channels = image.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = np.concatenate([np.zeros((height, 1), np.uint8), image.reshape(height, -1)], axis=1)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return _MAGIC + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)) + chunk(b"IEND", b"")
