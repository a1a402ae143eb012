//! What a portal and a tool do with messages, through the client that openapi-generator makes from `openapi.yaml`.
//!
//! That client hands out the headers of an answer with bytes only, so the 304 here is of an attachment, and the version that
//! `If-Match` names is taken from the message itself.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postitus_sdk::apis::Error;
use postitus_sdk::apis::attachments_api::create_attachment;
use postitus_sdk::apis::configuration::Configuration;
use postitus_sdk::apis::internetviestit_api::{
    create_internetviesti, create_resident_token, get_internetviesti, get_internetviesti_liite,
    get_internetviesti_liite_linkki, get_lukemattomat, list_internetviesti_otsikot, mark_internetviesti_luettu,
    update_internetviesti,
};
use postitus_sdk::models::{
    InternetviestiMuutospyynto, InternetviestiPyynto, InternetviestiVersio, LiitePyynto, LuettuPyynto, Problem,
    ResidentTokenRequest,
};

type Done<T = ()> = Result<T, Box<dyn StdError>>;

fn client(token: String) -> Done<Configuration> {
    let base_path = env::var("POSTITUS")?;
    Ok(Configuration { base_path, bearer_access_token: Some(token), ..Configuration::new() })
}

async fn resident(staff: &Configuration, party: i64) -> Done<Configuration> {
    client(create_resident_token(staff, ResidentTokenRequest::new(vec![party])).await?.token)
}

/// The status and the problem of an answer that must be one.
fn problem<T, E>(answer: Result<T, Error<E>>) -> Done<(u16, Problem)> {
    match answer {
        Err(Error::ResponseError(refused)) => Ok((refused.status.as_u16(), serde_json::from_str(&refused.content)?)),
        _ => Err("a refusal was expected".into()),
    }
}

fn version(language: &str, title: &str, message: &str) -> InternetviestiVersio {
    InternetviestiVersio::new(language.to_owned(), title.to_owned(), message.to_owned())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done {
    let party: i64 = env::var("PARTY")?.parse()?;
    let bytes: Vec<u8> = b"%PDF-1.4\n".iter().copied().chain((0..=255).cycle().take(70_000)).collect();
    let staff = client(env::var("STAFF_TOKEN")?)?;

    // Post, with an uploaded file for all languages and another for one of them.
    fs::write("järjestyssäännöt.pdf", &bytes)?;
    let file = create_attachment(&staff, "järjestyssäännöt.pdf".into(), None).await?;
    let english = InternetviestiVersio {
        muoto: Some("html".to_owned()),
        liitteet: Some(vec![LiitePyynto::new(STANDARD.encode("in English only"), "note.txt".to_owned())]),
        ..version("en", "House rules", "<p>Attached.<script>alert(1)</script></p>")
    };
    let message = InternetviestiPyynto {
        osapuoli_idt: Some(vec![party]),
        tiedosto_idt: Some(vec![file.attachment_id]),
        tarkea: Some(true),
        ..InternetviestiPyynto::new(vec![version("fi", "Järjestyssäännöt", "Liitteenä."), english])
    };
    let added = create_internetviesti(&staff, message, Some(&file.attachment_id.to_string())).await?;
    let id = added.internetviesti_id;

    // List the headers, page by page, as the resident.
    let portal = resident(&staff, party).await?;
    let unread = get_lukemattomat(&portal, party, None).await?;
    let (mut seen, mut cursor, mut since) = (Vec::new(), None, None);
    loop {
        let cursor_now: Option<&str> = cursor.as_deref();
        let page = list_internetviesti_otsikot(
            &portal,
            Some(party),
            None,
            Some(true),
            None,
            None,
            None,
            Some(1),
            cursor_now,
            None,
        )
        .await?;
        seen.extend(page.items.iter().map(|header| header.internetviesti_id));
        since.get_or_insert(page.haettu);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.first(), Some(&id));
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len());
    list_internetviesti_otsikot(&portal, Some(party), None, None, None, None, since, None, None, None).await?;

    // Read, in another language too.
    let read = get_internetviesti(&portal, id, None, None, Some("en"), None).await?;
    assert_eq!((read.otsikko.as_str(), read.viesti_html.as_str()), ("House rules", "<p>Attached.</p>"));
    let mut names: Vec<&str> = read.liitteet.iter().map(|liite| liite.tiedostonimi.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["järjestyssäännöt.pdf", "note.txt"]);

    // Download, byte for byte, with the token and by a link without it; not again when it is still the same.
    let pdf =
        read.liitteet.iter().find(|liite| liite.sisaltotyyppi == "application/pdf").ok_or("no attachment")?.liite_id;
    let downloaded = get_internetviesti_liite(&portal, pdf, None, None, None, None).await?;
    let etag = downloaded.headers().get("etag").ok_or("no ETag")?.to_str()?.to_owned();
    assert_eq!(downloaded.bytes().await?, bytes);
    assert_eq!(get_internetviesti_liite(&portal, pdf, None, None, None, Some(&etag)).await?.status(), 304);
    let link = get_internetviesti_liite_linkki(&portal, pdf).await?;
    let followed = portal.client.get(format!("{}{}", portal.base_path, link.osoite)).send().await?;
    assert_eq!(followed.bytes().await?, bytes);

    // Mark as read.
    mark_internetviesti_luettu(&portal, id, LuettuPyynto::new()).await?;
    assert_eq!(get_lukemattomat(&portal, party, None).await?.viesteja, unread.viesteja - 1);

    // 404: another resident's message is not there.
    let stranger = resident(&staff, env::var("OTHER_PARTY")?.parse()?).await?;
    let (status, foreign) = problem(get_internetviesti(&stranger, id, None, None, None, None).await)?;
    assert_eq!((status, foreign.code.as_str()), (404, "not_found"));

    // 412: a change of a version that is no longer the newest.
    let seen = format!("\"{}\"", added.versio);
    let change =
        InternetviestiMuutospyynto { tarkea: Some(false), voimassa_paattyen: Some(None), ..Default::default() };
    assert_eq!(update_internetviesti(&staff, id, change.clone(), Some(&seen)).await?.versio, added.versio + 1);
    let (status, stale) = problem(update_internetviesti(&staff, id, change, Some(&seen)).await)?;
    assert_eq!((status, stale.code.as_str()), (412, "stale_version"));

    // 422: a title of two lines.
    let wrong = InternetviestiPyynto {
        osapuoli_idt: Some(vec![party]),
        ..InternetviestiPyynto::new(vec![version("fi", "Kaksi\nriviä", "Hei.")])
    };
    let (status, refused) = problem(create_internetviesti(&staff, wrong, None).await)?;
    assert_eq!((status, refused.errors[0].pointer.as_str()), (422, "/versiot/0/otsikko"));
    Ok(())
}
