"""What operators deliver ready counted: presence and OD tables, with cells that were held back.

A delivery is read against a declared schema (``declared``, or a file of the buyer's).  A figure that was held back is an
interval, never a zero; rows that break the schema are named and left out, the good ones stay.
"""

from allmende.engines.flows.deliveries.reading import Delivery, DeliveryError, read_delivery
from allmende.engines.flows.deliveries.schema import DeliveryColumn, Marker, Schema, SchemaError, declared, read_schema
from allmende.engines.flows.deliveries.totals import Totals, check_parts, check_totals
from allmende.engines.flows.deliveries.writing import write_delivery

__all__ = [
    "Delivery",
    "DeliveryColumn",
    "DeliveryError",
    "Marker",
    "Schema",
    "SchemaError",
    "Totals",
    "check_parts",
    "check_totals",
    "declared",
    "read_delivery",
    "read_schema",
    "write_delivery",
]
