"""The case file (办件) in tables. State is in columns, indexed for the question asked; only ``cases.actions`` writes."""

from tongban.cases.models.batch import Batch
from tongban.cases.models.case import Case, CaseItem, Delivery, IdKind, Papers, Party, Pause, PhoneOf
from tongban.cases.models.collecting import Permit, SignedVoucher, Written
from tongban.cases.models.deciding import DecisionDocument, Opinion, Question
from tongban.cases.models.draft import Draft
from tongban.cases.models.event import Event
from tongban.cases.models.form import IssuedForm, SerialCounter
from tongban.cases.models.keeping import case_files  # noqa: F401 - registers itself
from tongban.cases.models.material import CaseMaterial, MaterialFile, MaterialFinding
from tongban.cases.models.notice import HolidayNotice
from tongban.cases.models.outgoing import Outgoing
from tongban.cases.models.print_batch import PrintBatch
from tongban.cases.models.reading import Purpose, Reading
from tongban.cases.models.sweep import Sweep
from tongban.cases.models.version import ProcedureDraft, ProcedureVersion

__all__ = [
    "Batch",
    "Case",
    "CaseItem",
    "CaseMaterial",
    "DecisionDocument",
    "Delivery",
    "Draft",
    "Event",
    "HolidayNotice",
    "IdKind",
    "IssuedForm",
    "MaterialFile",
    "MaterialFinding",
    "Opinion",
    "Outgoing",
    "Papers",
    "Party",
    "Pause",
    "Permit",
    "PhoneOf",
    "PrintBatch",
    "ProcedureDraft",
    "ProcedureVersion",
    "Purpose",
    "Question",
    "Reading",
    "SerialCounter",
    "SignedVoucher",
    "Sweep",
    "Written",
]
