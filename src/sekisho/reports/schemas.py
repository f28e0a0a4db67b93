"""JSON Schemas of every published document, made from the code that writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from sekisho.audit.compare import AuditDiff
from sekisho.audit.coverage import CoverageDocument
from sekisho.audit.explain import Explanation
from sekisho.audit.record import AuditRecord
from sekisho.model.briefs import BriefDocument, ChangesDocument
from sekisho.model.containment import ContainmentDocument
from sekisho.model.exploited import ExploitedDocument
from sekisho.model.findings import AuditDocument, Document
from sekisho.model.fleet import (
    CampaignDocument,
    CampaignsDocument,
    FleetDocument,
    FleetHuntDocument,
    FleetReportDocument,
    ImportDocument,
    PacksDocument,
    SecretsDocument,
    ServiceDocument,
    TerminalDocument,
)
from sekisho.model.gateways import GatewaysDocument
from sekisho.model.hunts import FeedsDocument, HuntDocument
from sekisho.model.incident_state import IncidentDocument, IncidentsDocument, InquiryDocument
from sekisho.model.incidents import InvestigationDocument
from sekisho.model.learning import LearningDocument, VerisDocument
from sekisho.model.methods import MethodsDocument
from sekisho.model.naming import NamesDocument
from sekisho.model.notices import ClocksDocument, DraftsDocument, FactsDocument, ObligationsDocument
from sekisho.model.plans import (
    ExemptionDocument,
    ExemptionsDocument,
    PlanDocument,
    PlansDocument,
)
from sekisho.model.previews import PreviewDocument
from sekisho.model.probes import ProbeDocument
from sekisho.model.restorations import RestorationDocument, RestorationsDocument
from sekisho.model.sigma import SigmaDocument, SigmaRulesDocument
from sekisho.policy.differences import PolicyDiff
from sekisho.policy.explain import PolicyExplanation
from sekisho.policy.testing import TestsDocument
from sekisho.reports.documents import FindingsDocument, ProblemsDocument
from sekisho.watch.alerts import Alert, AlertsDocument

DOCUMENTS: tuple[type[Document], ...] = (
    Alert,
    AlertsDocument,
    AuditDiff,
    AuditDocument,
    AuditRecord,
    BriefDocument,
    ChangesDocument,
    ContainmentDocument,
    ClocksDocument,
    CoverageDocument,
    DraftsDocument,
    ExemptionDocument,
    ExemptionsDocument,
    Explanation,
    ExploitedDocument,
    FactsDocument,
    FeedsDocument,
    FindingsDocument,
    CampaignDocument,
    CampaignsDocument,
    FleetDocument,
    FleetHuntDocument,
    FleetReportDocument,
    GatewaysDocument,
    ImportDocument,
    PacksDocument,
    HuntDocument,
    IncidentDocument,
    IncidentsDocument,
    InquiryDocument,
    LearningDocument,
    VerisDocument,
    InvestigationDocument,
    MethodsDocument,
    NamesDocument,
    ObligationsDocument,
    PlanDocument,
    PlansDocument,
    PolicyDiff,
    PolicyExplanation,
    PreviewDocument,
    ProbeDocument,
    ProblemsDocument,
    RestorationDocument,
    RestorationsDocument,
    SecretsDocument,
    ServiceDocument,
    TerminalDocument,
    TestsDocument,
    SigmaDocument,
    SigmaRulesDocument,
)
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def word_of(document: type[Document]) -> str:
    """The `schema` that a document carries: `sekisho.audit/1`."""
    return str(get_args(document.model_fields["schema_"].annotation)[0])


def schemas() -> Mapping[str, dict[str, Any]]:
    """The schemas by file name without its ending: `audit-1`. What they describe is what is written."""
    found = {}
    for document in DOCUMENTS:
        word = word_of(document)
        name = word.removeprefix("sekisho.").replace("/", "-")
        body = document.model_json_schema(by_alias=True, mode="serialization")
        body["required"] = ["schema", *body.get("required", ())]
        found[name] = {"$schema": DIALECT, "$id": f"urn:{word.replace('.', ':', 1)}", **_open(body)}
    return MappingProxyType(dict(sorted(found.items())))


def _open(schema: Any) -> Any:
    """Within a version documents grow, so a reader with an older schema must accept further fields."""
    if isinstance(schema, dict):
        kept = {key: _open(value) for key, value in schema.items()}
        if kept.get("additionalProperties") is False:
            del kept["additionalProperties"]
        return kept
    return [_open(item) for item in schema] if isinstance(schema, list) else schema


def text_of(schema: Mapping[str, Any]) -> str:
    """A schema as its file has it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write every schema to `folder` (docs/reference/schemas); files that are no schema any more go."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in schemas().items():
        path = folder / f"{name}.json"
        path.write_text(text_of(schema), encoding="utf-8")
        written.append(path)
    for path in folder.glob("*.json"):
        if path not in written:
            path.unlink()
    return tuple(written)
