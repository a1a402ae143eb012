"""What Schemathesis cannot know: which ids exist, which version is current, which cursor continues a list.

Only requests that keep to the schema are touched, and of the values in them only those that a client would have from an
earlier answer. Every answer is counted in the file that POSTITUS_CONFORMANCE_TALLY names; api.py reads it.
"""

import atexit
import functools
import itertools
import json
import os
import zlib
from collections import Counter, defaultdict

import requests
import schemathesis
from hypothesis import strategies
from schemathesis.core import NOT_SET

URL = os.environ["POSTITUS_CONFORMANCE_URL"]
API = f"{URL}/api/v1"
TALLY = os.environ["POSTITUS_CONFORMANCE_TALLY"]

session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['POSTITUS_CONFORMANCE_TOKEN']}"
numbers = itertools.count(1)
tally = defaultdict(Counter)


def key():
    """An Idempotency-Key that nothing was sent with yet."""
    return f"conformance-{next(numbers)}"


def get(path):
    """The answer to a GET; None when it is an error."""
    answer = session.get(URL + path, timeout=30)
    return answer if answer.ok else None


# Schemathesis makes up header values of letters and digits only, unless a format says how; entity tags have quotes.
schemathesis.openapi.format(
    "etag", strategies.just("*") | strategies.from_regex(r'(W/)?"[!#-~]{0,20}"(, "[!#-~]{0,20}")?', fullmatch=True)
)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for item in raw_schema["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                if parameter["name"] in ("If-Match", "If-None-Match"):
                    parameter["schema"]["format"] = "etag"


# --- Resources made for one request --------------------------------------------------------------------------------------
# An operation that uses a resource up (deletes it, sends it) finds none to work on, unless one is made for it.

DRAFT = {
    "name": "Conformance",
    "purpose": "service",
    "delivery": {"channels": ["email"]},
    "recipients": {"filter": {"role": {"codes": ["resident"]}}},
    "contents": [{"channel": "email", "language": "fi", "subject": "Vesikatko", "body": "Vesi on poikki."}],
    "sender": {"address": "tiedote@example.fi"},
    "missing_language": "fallback",
    "fallback_language": "fi",
}


def draft():
    """A draft that could be sent."""
    answer = session.post(f"{API}/mailings", json=DRAFT, headers={"Idempotency-Key": key()}, timeout=30)
    answer.raise_for_status()
    return answer.json()["mailing_id"]


def on_a_draft(case):
    case.path_parameters["mailing_id"] = draft()


def send_a_draft(case):
    on_a_draft(case)
    mailing = f"{API}/mailings/{case.path_parameters['mailing_id']}"
    preview = session.post(f"{mailing}/preview", json={}, timeout=60).json()
    case.body["content_hash"] = preview["content_hash"]
    case.body["recipients_hash"] = preview["recipients_hash"]


def on_a_paused_mailing(case):
    # api.py made them, before the mail server worked.
    paused = get("/api/v1/mailings?status=paused&limit=1").json()["items"]
    if paused:
        case.path_parameters["mailing_id"] = paused[0]["mailing_id"]


def put(path, body):
    """Puts a row into the register; the answer."""
    answer = session.put(f"{API}/{path}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def some(kind, member):
    """An id of the sample register."""
    return get(f"/api/v1/{kind}?limit=1").json()["items"][0][member]


def on_a_new_property(case):
    case.path_parameters["property_id"] = number = 900_000_000 + next(numbers)
    put(f"properties/{number}", {"kind": "unit", "name": f"Asunto {number}"})


def on_a_new_contract(case):
    case.path_parameters["contract_id"] = number = 900_000_000 + next(numbers)
    party, place = some("parties", "party_id"), some("properties", "property_id")
    put(f"contracts/{number}", {"party_id": party, "property_id": place, "kind": "tenancy"})


def on_a_new_role(case):
    party, place = some("parties", "party_id"), some("properties", "property_id")
    role = {"party_id": party, "property_id": place, "role": "resident", "valid_from": "2020-01-01"}
    case.path_parameters["role_id"] = put(f"roles/by-erp-id/C-{next(numbers)}", role)["role_id"]


def on_an_attribute(case):
    case.path_parameters |= {"register": "party", "name": "conformance"}
    put("attributes/party/conformance", {"type": "string"})


def of_a_party(case):
    case.path_parameters["party_id"] = some("parties", "party_id")


def of_a_listed_field(case):
    case.query = (case.query or {}) | {"condition": "property", "field": "city"}


def one_of_few_attributes(case):
    # A register has only so many of them.
    case.path_parameters["name"] = f"conformance_{next(numbers) % 20}"


def loan():
    """What a PUT of a key loan says; it is overdue."""
    party, place = some("parties", "party_id"), some("properties", "property_id")
    return {"party_id": party, "property_id": place, "key_code": "A 17", "due_at": "2026-11-20T16:00:00+02:00"}


def inspection():
    """What a PUT of a move-in inspection says; its deadline is over."""
    party, place = some("parties", "party_id"), some("properties", "property_id")
    return {"party_id": party, "property_id": place, "deadline": "2026-11-20T16:00:00+02:00"}


def on_a_new_loan(case):
    case.path_parameters["loan_id"] = put(f"key-loans/by-erp-id/C-{next(numbers)}", loan())["loan_id"]


def on_a_new_inspection(case):
    made = put(f"move-in-inspections/by-erp-id/C-{next(numbers)}", inspection())
    case.path_parameters["inspection_id"] = made["inspection_id"]


def on_a_lent_key(case):
    # Templates of another channel or occasion, and none that was made up, fit.
    case.body = {"ids": [put(f"key-loans/by-erp-id/C-{next(numbers)}", loan())["loan_id"]], "channel": "email"}


def on_an_open_inspection(case):
    made = put(f"move-in-inspections/by-erp-id/C-{next(numbers)}", inspection())
    case.body = {"ids": [made["inspection_id"]], "channel": "sms"}


def of_the_register(case):
    """Has a row name a party and a property that are there."""
    if isinstance(case.body, dict):
        case.body |= {"party_id": some("parties", "party_id"), "property_id": some("properties", "property_id")}


def on_a_new_attachment(case):
    file = {"file": ("note.txt", b"Vesikatko", "text/plain")}
    answer = session.post(f"{API}/attachments", files=file, headers={"Idempotency-Key": key()}, timeout=30)
    answer.raise_for_status()
    case.path_parameters["attachment_id"] = answer.json()["attachment_id"]


PARTIES = (
    "party_id,kind,name,first_name,last_name,business_id,language,email,email_marketing,phone,phone_marketing,street,"
    "postal_code,city,country,address_protected,deceased,archived,attributes\n"
)
GOOD_PARTY = "910000001,person,Virtanen Matti,Matti,Virtanen,,fi,matti@example.fi,false,,false,,,,,false,false,false,\n"
BAD_PARTY = "910000002,robot,Virtanen Matti,Matti,Virtanen,,fi,,false,,false,,,,,false,false,false,\n"


def import_a_party(case):
    case.body = {"parties": PARTIES + GOOD_PARTY, "mode": "delta"}


@functools.cache
def imported():
    """An import that has found bad rows."""
    files = {"parties": ("parties.csv", PARTIES + GOOD_PARTY + BAD_PARTY * 3, "text/csv")}
    headers = {"Idempotency-Key": key()}
    answer = session.post(
        f"{API}/register-imports", files=files, data={"skip_bad_rows": "true"}, headers=headers, timeout=60
    )
    answer.raise_for_status()
    return answer.json()["operation_id"]


def on_an_import(case):
    case.path_parameters["operation_id"] = imported()


MESSAGE = {
    "versiot": [
        {"kieli": "fi", "otsikko": "Vesikatko", "viesti": "Vesi on poikki."},
        {"kieli": "sv", "otsikko": "Vattenavbrott", "viesti": "Inget vatten."},
    ],
    "liitteet": [{"tiedostonimi": "Ohje.txt", "sisalto_base64": "VmVzaSBvbiBwb2lra2kuCg=="}],
}


def message(**members):
    """A message of portals, to a party of the sample register; as it is kept."""
    body = MESSAGE | {"osapuoli_idt": [some("parties", "party_id")]} | members
    answer = session.post(f"{API}/internetviestit", json=body, headers={"Idempotency-Key": key()}, timeout=30)
    answer.raise_for_status()
    return answer.json()


@functools.cache
def shown():
    """A message that portals are shown, and stays so."""
    return message(kohde_idt=[some("properties", "property_id")])


def target(case):
    """Gives the query of what is shown to a party or to a property exactly one of them: no schema can say that."""
    query = case.query or {}
    if "kohde_id" in query and "osapuoli_id" not in query:
        query["kohde_id"] = shown()["sisalto"]["kohde_idt"][0]
    else:
        query.pop("kohde_id", None)
        query["osapuoli_id"] = shown()["sisalto"]["osapuoli_idt"][0]
    case.query = query


def on_a_shown_message(case):
    case.path_parameters["internetviesti_id"] = shown()["internetviesti_id"]
    target(case)


def on_a_shown_liite(case):
    case.path_parameters["liite_id"] = shown()["liitteet"][0]["liite_id"]
    # Nobody can make up the signature of a link; without it the token counts.
    (case.query or {}).pop("allekirjoitus", None)


def on_a_new_message(case):
    case.path_parameters["internetviesti_id"] = message()["internetviesti_id"]


def change_a_message(case):
    on_a_new_message(case)
    known_targets(case)


def known_targets(case):
    """Has a message name what is there: parties, properties and an earlier message; files are given with it."""
    if not isinstance(case.body, dict):
        return
    kept = shown()["sisalto"]
    for name in ("osapuoli_idt", "kohde_idt"):
        if case.body.get(name):
            case.body[name] = kept[name]
    if case.body.get("korjaa_id"):
        case.body["korjaa_id"] = shown()["internetviesti_id"]
    for part in (case.body, *case.body.get("versiot", [])):
        for name in ("tiedosto_idt", "liitteet"):
            part.pop(name, None)


def read_by_a_party(case):
    case.path_parameters["internetviesti_id"] = shown()["internetviesti_id"]
    case.body["osapuoli_id"] = shown()["sisalto"]["osapuoli_idt"][0]


def for_a_resident(case):
    case.body["party_ids"] = shown()["sisalto"]["osapuoli_idt"]


def on_a_last_message(case):
    draft()
    case.path_parameters["channel"] = "email"


def created(path, body):
    """Adds a resource; the answer."""
    answer = session.post(f"{API}/{path}", json=body, headers={"Idempotency-Key": key()}, timeout=30)
    answer.raise_for_status()
    return answer.json()


def template_folder():
    """A folder of its own."""
    return created("template-folders", {"channel": "email", "name": f"Conformance {next(numbers)}"})["folder_id"]


def template():
    """A template in a folder of its own."""
    version = {"language": "fi", "subject": "Vesikatko", "body": "Hei {{ recipient.name }}"}
    return created("templates", {"folder_id": template_folder(), "name": "Vesikatko", "language_versions": [version]})


@functools.cache
def kept_template():
    """A template that stays."""
    return template()


def on_a_template(case):
    kept = kept_template()
    case.path_parameters.update(
        {name: kept[name] for name in ("template_id", "folder_id", "version") if name in case.path_parameters}
    )


def on_a_new_template(case):
    made = template()
    case.path_parameters.update({name: made[name] for name in ("template_id", "version") if name in case.path_parameters})
    if isinstance(case.body, dict) and "folder_id" in case.body:
        case.body["folder_id"] = made["folder_id"]


def on_a_new_template_folder(case):
    case.path_parameters["folder_id"] = template_folder()


def into_a_new_template_folder(case):
    case.body["folder_id"] = template_folder()
    for version in case.body["language_versions"]:
        version.pop("attachment_ids", None)


def render_a_template(case):
    on_a_template(case)
    case.body["party_id"] = some("parties", "party_id")


def upload_a_template(case):
    case.body["folder_id"] = template_folder()
    case.body["file"] = "Hei {{ recipient.name }}"


def upload_a_language(case):
    on_a_new_template(case)
    case.headers["If-Match"] = '"1"'
    case.body["file"] = "Hej {{ recipient.name }}"


def keep_a_mailing(case):
    on_a_draft(case)
    case.body["folder_id"] = template_folder()


def restore_a_template(case):
    on_a_new_template(case)
    case.headers["If-Match"] = '"1"'


# --- Queries, lists and projects -----------------------------------------------------------------------------------------


def made(path, name, body):
    """Makes one of these; its id."""
    answer = session.post(f"{API}/{path}", json=body, headers={"Idempotency-Key": key()}, timeout=30)
    answer.raise_for_status()
    return answer.json()[name]


def a_query():
    return made("recipient-queries", "query_id", {"name": "Asukkaat", "filter": {"role": {"codes": ["resident"]}}})


def a_list(**members):
    return made("contact-lists", "list_id", {"name": "Talkoolaiset"} | members)


def a_project():
    return made("projects", "project_id", {"name": "Putkiremontti"})


@functools.cache
def kept():
    """A query, a list and a project that stay."""
    return {"query_id": a_query(), "list_id": a_list(), "project_id": a_project()}


def known_saved(case):
    """Has a body name queries, lists and projects that are there."""
    ids = kept()

    def mend(node):
        if isinstance(node, list):
            for child in node:
                mend(child)
        elif isinstance(node, dict):
            for name, value in node.items():
                if name in ids and isinstance(value, str):
                    node[name] = ids[name]
                elif name in ("list_ids", "project_ids") and isinstance(value, list):
                    node[name] = [ids[name[:-1]]] if value else []
                else:
                    mend(value)

    mend(case.body)


def on_a_new(path, name, make):
    def prepare(case):
        case.path_parameters[name] = make()
        known_saved(case)
        if path == "contact-lists" and isinstance(case.body, dict):
            # A list of members stays one.
            case.body.pop("query_id", None)

    return prepare


def on_a_version(case):
    case.path_parameters.update(query_id=kept()["query_id"], version=1)


def on_a_kept(name):
    def prepare(case):
        case.path_parameters[name] = kept()[name]

    return prepare


def with_members(case):
    case.path_parameters["list_id"] = a_list()


def of_a_property(case):
    """Exactly one audience, which no schema can say."""
    case.body["property_ids"] = [some("properties", "property_id")]
    case.body.pop("mailing_id", None)
    case.body.setdefault("filter", {"role": {"codes": ["resident"]}})
    case.body["channel"], case.body["purpose"] = "email", "service"
    case.body.pop("cursor", None)
    known_saved(case)


MADE = {
    "addContactListMembers": with_members,
    "createContactList": known_saved,
    "createProject": known_saved,
    "createRecipientQuery": known_saved,
    "deleteContactList": on_a_new("contact-lists", "list_id", a_list),
    "deleteProject": on_a_new("projects", "project_id", a_project),
    "deleteRecipientQuery": on_a_new("recipient-queries", "query_id", a_query),
    "getRecipientQueryVersion": on_a_version,
    "removeContactListMembers": with_members,
    "getContactList": on_a_kept("list_id"),
    "getContactListReach": on_a_kept("list_id"),
    "getProject": on_a_kept("project_id"),
    "getRecipientQuery": on_a_kept("query_id"),
    "listContactListMembers": on_a_kept("list_id"),
    "listRecipientQueryVersions": on_a_kept("query_id"),
    "runRecipientQuery": on_a_kept("query_id"),
    "searchCoverage": of_a_property,
    "updateContactList": on_a_new("contact-lists", "list_id", a_list),
    "updateProject": on_a_new("projects", "project_id", a_project),
    "updateRecipientQuery": on_a_new("recipient-queries", "query_id", a_query),
    "createInternetviesti": known_targets,
    "createKeyLoan": of_the_register,
    "createKeyLoanMailingDraft": on_a_lent_key,
    "createMoveInInspection": of_the_register,
    "createMoveInInspectionMailingDraft": on_an_open_inspection,
    "createRegisterImport": import_a_party,
    "createTemplate": into_a_new_template_folder,
    "createTemplateOfMailing": keep_a_mailing,
    "createResidentToken": for_a_resident,
    "deleteAttachment": on_a_new_attachment,
    "deleteAttribute": on_an_attribute,
    "deleteContract": on_a_new_contract,
    "deleteInternetviesti": on_a_new_message,
    "deleteKeyLoan": on_a_new_loan,
    "deleteLastMessage": on_a_last_message,
    "deleteMailing": on_a_draft,
    "deleteMoveInInspection": on_a_new_inspection,
    "downloadMailingRecipients": on_a_draft,
    "deleteProperty": on_a_new_property,
    "deleteRole": on_a_new_role,
    "explainRecipient": of_a_party,
    "deleteTemplate": on_a_new_template,
    "deleteTemplateFolder": on_a_new_template_folder,
    "getAttribute": on_an_attribute,
    "getInternetviesti": on_a_shown_message,
    "getInternetviestiKetju": on_a_shown_message,
    "getInternetviestiLiite": on_a_shown_liite,
    "getInternetviestiLiiteLinkki": on_a_shown_liite,
    "getInternetviestiOtsikko": on_a_shown_message,
    "getKeyLoan": on_a_new_loan,
    "getLastMessage": on_a_last_message,
    "getLukemattomat": target,
    "getMoveInInspection": on_a_new_inspection,
    "getOperation": on_an_import,
    "getTemplate": on_a_template,
    "getTemplateFolder": on_a_template,
    "getTemplateVersion": on_a_template,
    "listInternetviestiOtsikot": target,
    "getRecipientValues": of_a_listed_field,
    "listRegisterImportBadRows": on_an_import,
    "listTemplateVersions": on_a_template,
    "markInternetviestiLuettu": read_by_a_party,
    "previewMailing": on_a_draft,
    "renderTemplate": render_a_template,
    "restoreTemplateVersion": restore_a_template,
    "putAttribute": one_of_few_attributes,
    "putKeyLoan": of_the_register,
    "putMoveInInspection": of_the_register,
    "resumeMailing": on_a_paused_mailing,
    "sendMailing": send_a_draft,
    "updateAttribute": on_an_attribute,
    "updateInternetviesti": change_a_message,
    "updateKeyLoan": on_a_new_loan,
    "updateMailing": on_a_draft,
    "updateMoveInInspection": on_a_new_inspection,
    "updateTemplate": on_a_new_template,
    "updateTemplateFolder": on_a_new_template_folder,
    "uploadTemplate": upload_a_template,
    "uploadTemplateLanguage": upload_a_language,
}

# These are read for a party or for a property, not for both.
ONE_TARGET = {"getInternetviesti", "getInternetviestiKetju", "getInternetviestiOtsikko", "listInternetviestiOtsikot"}

# --- Resources that are there --------------------------------------------------------------------------------------------


def known(case):
    """Fills the path with ids that the lists along it name: `/parties/{party_id}` from the items of `/parties`."""
    path, found = "", {}
    for segment in case.operation.path.strip("/").split("/"):
        if not segment.startswith("{"):
            path += f"/{segment}"
            continue
        name = segment[1:-1]
        listed = get(f"{path}?limit=50")
        ids = [item[name] for item in listed.json()["items"] if item.get(name)] if listed else []
        if not ids:
            return
        # The oldest: the mailing that api.py sent, not a draft made since.
        found[name] = ids[-1]
        path += f"/{found[name]}"
    case.path_parameters.update(found)


def parameters(case, place):
    return {parameter.name for parameter in getattr(case.operation, place)}


def chosen(case, share):
    """Whether to touch this request: the same answer whenever the same request is generated."""
    # That there is no body is written with an address in memory, which is another one each time.
    body = None if case.body is NOT_SET else case.body
    written = repr((case.path_parameters, case.query, body)).encode()
    return zlib.crc32(written) % 100 < share


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    operation = case.operation.definition.raw.get("operationId")
    stateful = case.meta.phase.name.value == "stateful"
    # A stateful test brings ids from the answers before; every fourth other request keeps what was generated.
    is_made = False
    if not stateful and chosen(case, 75):
        if operation in MADE:
            MADE[operation](case)
            is_made = True
        elif case.path_parameters:
            known(case)
    headers = parameters(case, "headers")
    # What is made for one request has one path, whichever was generated.
    if "If-Match" in headers and (is_made or chosen(case, 75)):
        current = get(case.formatted_path)
        if current is not None and "ETag" in current.headers:
            case.headers["If-Match"] = current.headers["ETag"]
    if "Idempotency-Key" in headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = key()
    if operation == "listProperties" and case.query and str(case.query.get("roots")).lower() == "true":
        # What has a parent is no root: one of the two.
        case.query.pop("parent_id", None)
    if operation in {"listKeyLoans", "listMoveInInspections"} and case.query and case.query.get("state") != "due_soon":
        # How soon is soon is asked of what is due soon alone.
        case.query.pop("within", None)
    for name in {"q", "teksti"} & set(case.query or {}):
        # A search needs a word. A pattern that says so takes classes of Unicode, at which SDKs in Python fail.
        if not any(letter.isalnum() for letter in str(case.query[name])):
            case.query[name] += " as"
    if operation == "getRecipientValues":
        # Which fields have their values listed is known by GET /recipients/fields; this one has them in every condition.
        case.query["field"] = "kind"
    if operation in ONE_TARGET and {"osapuoli_id", "kohde_id"} <= set(case.query or {}):
        del case.query["kohde_id"]
    if operation == "listInternetviestiOtsikot" and not {"osapuoli_id", "kohde_id"} & set(case.query or {}):
        target(case)
    if "cursor" in (case.query or {}):
        # No schema can say which cursor continues which list: the first page of this one does.
        del case.query["cursor"]
        first = session.get(URL + case.formatted_path, params=case.query, timeout=30)
        cursor = first.json().get("next_cursor") if first.ok else None
        if cursor:
            case.query["cursor"] = cursor


@schemathesis.hook
def after_call(context, case, response):
    operation = case.operation.definition.raw.get("operationId")
    tally[operation][str(response.status_code)] += 1


@atexit.register
def write_tally():
    with open(TALLY, "w", encoding="utf-8") as file:
        json.dump(tally, file, indent=1)
