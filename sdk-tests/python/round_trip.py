"""What a portal and a tool do with messages, through the client that openapi-python-client makes from openapi.yaml."""

import base64
import os
import uuid
from io import BytesIO
from typing import Any, TypeVar
from urllib.request import urlopen

from postitus_sdk.api.attachments import create_attachment
from postitus_sdk.api.internetviestit import (
    create_internetviesti,
    create_resident_token,
    get_internetviesti,
    get_internetviesti_liite,
    get_internetviesti_liite_linkki,
    get_lukemattomat,
    list_internetviesti_otsikot,
    mark_internetviesti_luettu,
    update_internetviesti,
)
from postitus_sdk.client import AuthenticatedClient
from postitus_sdk.models.attachment import Attachment
from postitus_sdk.models.attachment_upload import AttachmentUpload
from postitus_sdk.models.internetviesti import Internetviesti
from postitus_sdk.models.internetviesti_linkki import InternetviestiLinkki
from postitus_sdk.models.internetviesti_muokkaus import InternetviestiMuokkaus
from postitus_sdk.models.internetviesti_muutospyynto import InternetviestiMuutospyynto
from postitus_sdk.models.internetviesti_otsikko_page import InternetviestiOtsikkoPage
from postitus_sdk.models.internetviesti_pyynto import InternetviestiPyynto
from postitus_sdk.models.internetviesti_versio import InternetviestiVersio
from postitus_sdk.models.liite_pyynto import LiitePyynto
from postitus_sdk.models.luettu_pyynto import LuettuPyynto
from postitus_sdk.models.lukemattomat import Lukemattomat
from postitus_sdk.models.problem import Problem
from postitus_sdk.models.resident_token import ResidentToken
from postitus_sdk.models.resident_token_request import ResidentTokenRequest
from postitus_sdk.types import UNSET, File, Response, Unset

SERVER = os.environ["POSTITUS"]
PARTY = int(os.environ["PARTY"])
BYTES = b"%PDF-1.4\n" + bytes(range(256)) * 300

T = TypeVar("T")


def had(answer: Response[Any], kind: type[T], status: int = 200) -> T:
    """What an answer holds, of the kind that belongs to its status."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.content.decode()}"
    assert isinstance(answer.parsed, kind), answer.parsed
    return answer.parsed


def client(token: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=SERVER, token=token, raise_on_unexpected_status=True)


staff = client(os.environ["STAFF_TOKEN"])


def resident(of: int) -> AuthenticatedClient:
    answer = create_resident_token.sync_detailed(client=staff, body=ResidentTokenRequest(party_ids=[of]))
    return client(had(answer, ResidentToken).token)


# Post, with an uploaded file for all languages and another for one of them.
upload = AttachmentUpload(file=File(payload=BytesIO(BYTES), file_name="järjestyssäännöt.pdf", mime_type="application/pdf"))
file = had(create_attachment.sync_detailed(client=staff, body=upload), Attachment, 201)
note = LiitePyynto(tiedostonimi="note.txt", sisalto_base64=base64.b64encode(b"in English only").decode())
message = InternetviestiPyynto(
    osapuoli_idt=[PARTY],
    versiot=[
        InternetviestiVersio(kieli="fi", otsikko="Järjestyssäännöt", viesti="Liitteenä."),
        InternetviestiVersio(
            kieli="en",
            otsikko="House rules",
            viesti="<p>Attached.<script>alert(1)</script></p>",
            muoto="html",
            liitteet=[note],
        ),
    ],
    tiedosto_idt=[file.attachment_id],
    tarkea=True,
)
posted = create_internetviesti.sync_detailed(client=staff, body=message, idempotency_key=str(uuid.uuid4()))
added = had(posted, InternetviestiMuokkaus, 201)

# List the headers, page by page, as the resident.
portal = resident(PARTY)
unread = had(get_lukemattomat.sync_detailed(client=portal, osapuoli_id=PARTY), Lukemattomat)
seen: list[int] = []
cursor: str | None | Unset = UNSET
while cursor is not None:
    page = had(
        list_internetviesti_otsikot.sync_detailed(client=portal, osapuoli_id=PARTY, tiedotteet=True, limit=1, cursor=cursor),
        InternetviestiOtsikkoPage,
    )
    seen += [header.internetviesti_id for header in page.items]
    cursor = page.next_cursor
assert seen[0] == added.internetviesti_id and len(set(seen)) == len(seen), seen

# Read, in another language too, and again when nothing has changed.
read = get_internetviesti.sync_detailed(added.internetviesti_id, client=portal, kieli="en")
english = had(read, Internetviesti)
assert english.otsikko == "House rules"
assert english.viesti_html == "<p>Attached.</p>", english.viesti_html
assert sorted(liite.tiedostonimi for liite in english.liitteet) == ["järjestyssäännöt.pdf", "note.txt"]
again = get_internetviesti.sync_detailed(
    added.internetviesti_id, client=portal, kieli="en", if_none_match=read.headers["ETag"]
)
assert again.status_code == 304, again

# Download, byte for byte, with the token and by a link without it.
[liite_id] = [liite.liite_id for liite in english.liitteet if liite.sisaltotyyppi == "application/pdf"]
downloaded = had(get_internetviesti_liite.sync_detailed(liite_id, client=portal), File)
assert downloaded.payload.read() == BYTES
link = had(get_internetviesti_liite_linkki.sync_detailed(liite_id, client=portal), InternetviestiLinkki)
with urlopen(SERVER + link.osoite) as followed:
    assert followed.read() == BYTES

# Mark as read.
marked = mark_internetviesti_luettu.sync_detailed(added.internetviesti_id, client=portal, body=LuettuPyynto())
assert marked.status_code == 204, marked
left = had(get_lukemattomat.sync_detailed(client=portal, osapuoli_id=PARTY), Lukemattomat)
assert left.viesteja == unread.viesteja - 1

# 404: another resident's message is not there.
foreign = get_internetviesti.sync_detailed(added.internetviesti_id, client=resident(int(os.environ["OTHER_PARTY"])))
assert had(foreign, Problem, 404).code == "not_found"

# 412: a change of a version that is no longer the newest.
change = InternetviestiMuutospyynto(tarkea=False, voimassa_paattyen=None)


def update() -> Response[InternetviestiMuokkaus | Problem]:
    return update_internetviesti.sync_detailed(
        added.internetviesti_id, client=staff, body=change, if_match=posted.headers["ETag"]
    )


assert had(update(), InternetviestiMuokkaus).versio == 2
assert had(update(), Problem, 412).code == "stale_version"

# 422: a title of two lines.
wrong = InternetviestiPyynto(
    osapuoli_idt=[PARTY], versiot=[InternetviestiVersio(kieli="fi", otsikko="Kaksi\nriviä", viesti="Hei.")]
)
refused = had(create_internetviesti.sync_detailed(client=staff, body=wrong), Problem, 422)
assert refused.errors[0].pointer == "/versiot/0/otsikko", refused
