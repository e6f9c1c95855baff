"""The text of a file as blocks of UTF-8 bytes, in bounded memory, whatever it is encoded or compressed in."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from targeting.errors import DataError

UTF_8 = "utf-8"
# How other files begin that are sometimes named like text, and what is said of them.
NOT_TEXT = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook, whatever its name says. Unpack it, or save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook, whatever its name says. Save it as CSV"),
    (b"\x1f\x8b", "compressed by gzip. Name it so that it ends in .gz, and declare that name"),
    (b"PAR1", "a Parquet file. Name it so that it ends in .parquet, and declare that name"),
    (b"%PDF", "a PDF. Ask the agency for the data as CSV"),
)
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def text_blocks(path: Path, place: str, encoding: str, size: int) -> Iterator[bytes]:
    """Yield the text of a file, unpacked where its name ends in `.gz`, as UTF-8 without a byte order mark.

    Raises DataError, naming `place` and the line, where it is of another encoding or another kind of file.
    """
    decoder = _Decoder(place, encoding)
    is_first = True
    for block in _bytes(path, place, size):
        if is_first:
            _check_is_text(block, place, encoding)
        text = decoder.decoded(block)
        yield text.removeprefix(codecs.BOM_UTF8) if is_first else text
        is_first = False
    decoder.finish()


def _bytes(path: Path, place: str, size: int) -> Iterator[bytes]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        try:
            while block := file.read(size):
                yield block
        except (gzip.BadGzipFile, EOFError, zlib.error):
            message = f"{place}: not a whole gzip file. Ask the agency to send it again."
            raise DataError(message) from None


def _check_is_text(block: bytes, place: str, encoding: str) -> None:
    for mark, what in NOT_TEXT:
        if block.startswith(mark):
            message = f"{place}: {what}."
            raise DataError(message)
    if block.startswith(UTF_16_MARKS) and _is(encoding, UTF_8):
        message = f"{place}: begins with the byte order mark of utf-16. Declare encoding='utf-16'."
        raise DataError(message)


def _is(encoding: str, name: str) -> bool:
    return codecs.lookup(encoding).name == name


class _Decoder:
    """Turns bytes of one encoding into UTF-8, block by block, and knows on which line it is."""

    def __init__(self, place: str, encoding: str) -> None:
        self._place, self._encoding = place, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._is_plain = _is(encoding, UTF_8)
        self._line = 1

    def decoded(self, block: bytes) -> bytes:
        """Return a block as UTF-8; of plain UTF-8 a character may be cut at its end."""
        text = self._decode(block, final=False)
        self._line += block.count(b"\n")
        return block if self._is_plain else text.encode()

    def finish(self) -> None:
        """Check that the text does not end amid a character."""
        self._decode(b"", final=True)

    def _decode(self, block: bytes, *, final: bool) -> str:
        try:
            return self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            before = error.object[: error.start]
            line = self._line + before.count(b"\n")
            byte = error.start - before.rfind(b"\n")
            message = (
                f"{self._place}:{line}: not {self._encoding}, from byte {byte} of the line on. Declare the encoding "
                "that the agency writes, such as cp1252, or ask for a file that is of one encoding throughout."
            )
            raise DataError(message) from None
