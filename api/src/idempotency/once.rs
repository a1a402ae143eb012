//! Runs the effect of a request once, whatever happens to the answer on its way.

use actix_web::HttpResponse;
use persistence::Writer;
use persistence::idempotency::{Known, RequestKey, StoredAnswer, begin, store};

use super::{IdempotencyContext, StoredReply};
use crate::problem::Problem;
use crate::state::AppState;

/// Runs `work` in one transaction and answers its reply. With a key, the reply is committed with the effect, and a repetition
/// gets it again without running `work`.
///
/// # Errors
/// What `work` refuses (nothing is stored then), 409 `request_in_flight`, 422 `idempotency_key_reused`.
pub async fn once<F>(
    state: &AppState,
    context: Option<IdempotencyContext>,
    mut work: F,
) -> Result<HttpResponse, Problem>
where
    F: FnMut(&mut Writer<'_>) -> Result<StoredReply, Problem> + Send + 'static,
{
    let Some(context) = context else {
        return Ok(state.db.write(work).await?.response(false));
    };
    let _guard = state.in_flight.enter(&context)?;
    let now = state.clock.now();
    let (reply, replayed) = state
        .db
        .write(move |writer| {
            let key = key(&context);
            match begin(writer, &key)? {
                Known::InFlight => Err(context.in_flight()),
                Known::Answered(answer) => {
                    context.check(&answer.fingerprint)?;
                    Ok((read(answer)?, true))
                }
                Known::New => {
                    let reply = work(writer)?;
                    store(writer, &key, &written(&context, &reply)?, now)?;
                    Ok((reply, false))
                }
            }
        })
        .await?;
    Ok(reply.response(replayed))
}

fn key(context: &IdempotencyContext) -> RequestKey {
    let IdempotencyContext { key, subject, path, fingerprint } = context.clone();
    RequestKey { subject, operation: path, key, fingerprint }
}

fn written(context: &IdempotencyContext, reply: &StoredReply) -> Result<StoredAnswer, Problem> {
    Ok(StoredAnswer {
        fingerprint: context.fingerprint.clone(),
        status: reply.status.into(),
        headers: serde_json::to_string(&reply.headers).map_err(Problem::internal)?,
        body: reply.body.clone(),
    })
}

fn read(answer: StoredAnswer) -> Result<StoredReply, Problem> {
    Ok(StoredReply {
        status: u16::try_from(answer.status).map_err(Problem::internal)?,
        headers: serde_json::from_str(&answer.headers).map_err(Problem::internal)?,
        body: answer.body,
    })
}
