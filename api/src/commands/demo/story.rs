//! The demo itself: find, compose, preview, send, follow, and show.

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::ids::new_id;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::answers::{Mailing, Message, Preview, Progress};
use super::client::Client;
use super::outcome::Outcome;
use super::recipients::{
    Company, Resident, describe, languages, multilingual_company, resident_of, search, unreachable_people,
};
use super::{notice, portal, say};
use crate::auth::TokenRequest;
use crate::commands::Done;
use crate::state::AppState;

/// What the demo's own token may do.
const OWN_SCOPES: &[&str] = &[
    "register:read",
    "recipients:search",
    "mailings:read",
    "mailings:write",
    "mailings:send",
    "internetviestit:write",
];
/// What the token it leaves behind may do: look around.
const GIVEN_SCOPES: &[&str] = &["register:read", "recipients:search", "mailings:read", "contacts:read"];
const POLL: Duration = Duration::from_millis(250);
/// After so long without any change, something is wrong.
const STANDSTILL: Duration = Duration::from_secs(120);

/// Plays the demo against the server at `address`; `last` when the server ends with it.
pub(super) async fn tell(state: &AppState, address: SocketAddr, last: bool) -> Done {
    let client = Client::new(address, token(state, OWN_SCOPES, TimeDelta::hours(1))?)?;
    say(format_args!("\nThe server is running at {}; all that follows goes through its API", client.origin))?;
    let company = find(&client).await?;
    let mailing = send(state, &client).await?;
    follow(&client, &mailing.mailing_id).await?;
    let outcome = Outcome::read(&client, &mailing.mailing_id).await?;
    say(format_args!("\nWho got what (a few of each kind)\n{}", outcome.people()))?;
    say(format_args!("Why the others did not\n{}", outcome.reasons()))?;
    say(format_args!("By language\n{}", outcome.by_language()))?;
    show_mails(state, &client, &mailing.mailing_id, &outcome).await?;
    let resident = publish(&client, company).await?;
    if !last {
        say_how_to_go_on(state, &client, &mailing.mailing_id, resident)?;
    }
    Ok(())
}

fn token(state: &AppState, scopes: &[&str], time_to_live: TimeDelta) -> Result<String, Box<dyn Error>> {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let request = TokenRequest { subject: "demo".to_owned(), scopes, party_ids: None, time_to_live };
    Ok(state.auth.mint(&request, state.clock.now())?)
}

async fn find(client: &Client) -> Result<Option<Company>, Box<dyn Error>> {
    let company = multilingual_company(client).await?;
    if let Some(company) = &company {
        say(format_args!("\nWho lives in {}?\n{}", company.property.name, describe(&company.residents)))?;
    }
    let concerned = search(client, &notice::everyone_concerned()).await?;
    say(format_args!("\nWhom would a water cut in all housing companies concern?"))?;
    say("  residents, board members, maintenance and managers, today")?;
    say(describe(&concerned))?;
    Ok(company)
}

/// What the portal of a housing company shows; answers who may look at it.
async fn publish(client: &Client, company: Option<Company>) -> Result<Option<Resident>, Box<dyn Error>> {
    let Some(company) = company else { return Ok(None) };
    let Some(resident) = resident_of(client, &company).await? else { return Ok(None) };
    let count = portal::add(client, &company, &resident).await?;
    let name = &resident.name;
    say(format_args!(
        "\n{count} bulletins and messages for the portal of {}, some to {name} alone",
        company.property.name
    ))?;
    Ok(Some(resident))
}

async fn send(state: &AppState, client: &Client) -> Result<Mailing, Box<dyn Error>> {
    let named = unreachable_people(client).await?;
    let draft: Mailing = client.post("/mailings", &notice::mailing(state.today(), &named)).await?;
    let mailing_id = &draft.mailing_id;
    say(format_args!(
        "\nA notice in Finnish, Swedish and English, to all of them and to {} people named from an old list\n  mailing         {mailing_id}",
        named.len()
    ))?;
    let preview: Preview = client.post(&format!("/mailings/{mailing_id}/preview"), &json!({"samples": 0})).await?;
    let Preview { content_hash, recipients_hash, counts } = preview;
    say(format_args!(
        "  previewed       {} people, {} messages ({}), {} left out, {} with a protected address",
        counts.matched,
        counts.messages,
        languages(&counts.by_language),
        counts.skipped,
        counts.protected
    ))?;
    say(format_args!("  content hash    {content_hash}"))?;
    say(format_args!("  recipients hash {recipients_hash}"))?;
    let approved = json!({"content_hash": content_hash, "recipients_hash": recipients_hash});
    let key = new_id().to_string();
    client.post_once(&format!("/mailings/{mailing_id}/send"), &key, &approved).await
}

/// Waits until the mailing is finished.
async fn follow(client: &Client, mailing_id: &str) -> Done {
    let (began, mut changed, mut before) = (Instant::now(), Instant::now(), Progress::default());
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10)).with_message("sending");
    if let Ok(style) = ProgressStyle::with_template("  {msg:15} [{bar:40}] {pos} of {len}") {
        bar.set_style(style.progress_chars("=> "));
    }
    loop {
        let mailing: Mailing = client.get(&format!("/mailings/{mailing_id}")).await?;
        let progress = mailing.progress;
        let left = progress.queued + progress.sending + progress.deferred;
        bar.set_length(progress.frozen - progress.skipped);
        bar.set_position((progress.frozen - progress.skipped).saturating_sub(left));
        if progress != before {
            (before, changed) = (progress, Instant::now());
        }
        match mailing.status.as_str() {
            "finished" => break,
            "sending" if changed.elapsed() < STANDSTILL => tokio::time::sleep(POLL).await,
            status => return Err(format!("the mailing is {status}, with {left} messages left to send").into()),
        }
    }
    bar.finish_and_clear();
    let Progress { frozen, sent, failed, skipped, .. } = before;
    let seconds = began.elapsed().as_secs_f32();
    Ok(say(format_args!(
        "  finished        in {seconds:.1} s: of {frozen} people, {sent} were sent to, {skipped} skipped, {failed} failed"
    ))?)
}

/// One mail of each language.
async fn show_mails(state: &AppState, client: &Client, mailing_id: &str, outcome: &Outcome) -> Done {
    let outbox = state.settings.data_dir.join("outbox");
    say(format_args!("Mails, as files in {} that any mail program opens; one of each language", outbox.display()))?;
    for row in outcome.samples() {
        let Some(message_id) = &row.message_id else { continue };
        let name = message_id.trim_start_matches('<').split('@').next().unwrap_or_default();
        let path = format!("/mailings/{mailing_id}/deliveries/{}/message", row.row_no);
        let Message { subject, text } = client.get(&path).await?;
        say(format_args!("\n  {} {}", row.language, outbox.join(format!("{name}.eml")).display()))?;
        say(format_args!("    | {subject}\n    |"))?;
        for line in text.trim_end().lines() {
            say(format_args!("    | {line}").to_string().trim_end())?;
        }
    }
    Ok(())
}

fn say_how_to_go_on(state: &AppState, client: &Client, mailing_id: &str, resident: Option<Resident>) -> Done {
    let token = token(state, GIVEN_SCOPES, TimeDelta::hours(24))?;
    let deliveries = client.url(&format!("/mailings/{mailing_id}/deliveries?status=skipped"));
    let (origin, document) = (&client.origin, client.url("/openapi.json"));
    let program = std::env::args_os().next().unwrap_or_else(|| "postitus".into());
    let program = program.display();
    let portal = resident.map_or_else(String::new, |Resident { party_id, .. }| {
        format!("  a portal:         make portal POSTITUS={origin} PARTY={party_id}\n")
    });
    say(format_args!(
        "\nThe API goes on running at {origin}\n  its reference:    {origin}/docs\n  its document:     {document}\n  who was left out (the token lasts a day):\n\n\
         curl -H 'Authorization: Bearer {token}' '{deliveries}'\n\n  \
         other tokens:     {program} token --scope admin\n{portal}  to stop it:       Ctrl-C"
    ))
    .map_err(Into::into)
}
