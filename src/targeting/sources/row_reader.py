"""One file's rows, read field by field."""

from dataclasses import replace

import pyarrow as pa

from targeting.sources.context import Context
from targeting.sources.converting import Reader, Values, column_values, constant_values, date_reader, text_reader
from targeting.sources.definition import Field
from targeting.sources.earlier_chunks import Earlier, NothingEarlier
from targeting.sources.raw_rows import RawRows
from targeting.store.pseudonyms import record_ids


class RowReader:
    """Reads fields of the same rows; every column of persons is turned into pseudonyms once.

    `earlier` is what the chunks of the same file before these rows have told.
    """

    def __init__(self, raw: RawRows, context: Context, earlier: Earlier | None = None) -> None:
        self.raw = raw
        self.context = context
        self.earlier = earlier or NothingEarlier()
        self._record_ids: dict[str, Values] = {}

    def values(self, field: Field, reader: Reader, value_type: pa.DataType) -> Values:
        """Return what a field says on every row."""
        if field.column is None:
            return constant_values(field, len(self.raw), reader, value_type)
        return column_values(field, self.raw.column(field.column), reader, value_type)

    def texts(self, column: str) -> Values:
        """Return a column as text, null where empty."""
        return self.values(Field(column=column), text_reader, pa.string())

    def dates(self, field: Field) -> Values:
        """Return a field as dates."""
        return self.values(field, date_reader(field.format), pa.date32())

    def record_ids(self, column: str) -> Values:
        """Return the pseudonyms of the persons whose agency's id a column holds."""
        if column not in self._record_ids:
            key = self.texts(column)
            names = record_ids(key.texts, source=self.context.source, identity_key=self.context.identity_key)
            self._record_ids[column] = replace(key, values=names)
        return self._record_ids[column]
