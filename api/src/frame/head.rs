//! HEAD: answered as GET is, without the body (RFC 9110, section 9.3.2).

use std::convert::Infallible;

use actix_web::body::{BodySize, BodyStream, BoxBody, MessageBody as _, None as NoBody};
use actix_web::dev::{ResponseHead, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use futures_util::stream;

/// Whether a request asks for the head of the answer only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head(bool);

impl Head {
    /// Looks at a request's method, and has a HEAD go wherever a GET goes.
    pub(super) fn of(request: &mut ServiceRequest) -> Self {
        let is_asked = request.method() == Method::HEAD;
        if is_asked {
            let head = request.head_mut();
            head.method = Method::GET;
            // Ranges are defined for GET alone (RFC 9110, section 14.2).
            head.headers.remove(header::RANGE);
        }
        Self(is_asked)
    }

    /// Takes the body off the answer to a HEAD.
    pub(super) fn trim(self, response: ServiceResponse) -> ServiceResponse {
        if self.0 { response.map_body(without_body) } else { response }
    }
}

/// The framework leaves bodies out by the request it read last, which on a pipelined connection is a later one than that it answers:
/// what is returned here sends no bytes either way.
fn without_body(head: &mut ResponseHead, body: BoxBody) -> BoxBody {
    match body.size() {
        BodySize::None | BodySize::Sized(0) => body,
        // An empty stream: were the body said to have a size, the framework might miss its bytes and break the connection off.
        BodySize::Sized(length) => {
            head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
            head.no_chunking(true);
            BoxBody::new(BodyStream::new(stream::empty::<Result<Bytes, Infallible>>()))
        }
        BodySize::Stream => BoxBody::new(NoBody::new()),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody;
    use actix_web::http::StatusCode;
    use actix_web::middleware::{Next, from_fn};
    use actix_web::test::{self, TestRequest};
    use actix_web::{App, Error, HttpRequest, HttpResponse, web};

    use super::*;

    async fn around<B>(mut request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse, Error>
    where
        B: MessageBody + 'static,
    {
        let head = Head::of(&mut request);
        let response = next.call(request).await?;
        Ok(head.trim(response.map_into_boxed_body()))
    }

    /// Whoever reads it waits for ever.
    fn unread() -> stream::Pending<Result<Bytes, Infallible>> {
        stream::pending()
    }

    async fn file() -> HttpResponse {
        HttpResponse::Ok().no_chunking(7).streaming(unread())
    }

    async fn table() -> HttpResponse {
        HttpResponse::Ok().streaming(unread())
    }

    async fn part(request: HttpRequest) -> HttpResponse {
        let is_part = request.headers().contains_key(header::RANGE);
        HttpResponse::build(if is_part { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK }).body("Hei")
    }

    async fn nothing() -> HttpResponse {
        HttpResponse::Ok().finish()
    }

    #[actix_web::test]
    async fn head_tells_the_size_and_reads_nothing() {
        let app = App::new()
            .route("/file", web::get().to(file))
            .route("/table", web::get().to(table))
            .route("/part", web::get().to(part))
            .route("/nothing", web::get().to(nothing))
            .wrap(from_fn(around));
        let service = test::init_service(app).await;
        for (method, path, status, length, size) in [
            (Method::HEAD, "/file", 200, Some("7"), BodySize::Stream),
            (Method::GET, "/file", 200, Some("7"), BodySize::Sized(7)),
            (Method::HEAD, "/table", 200, None, BodySize::None),
            (Method::HEAD, "/part", 200, Some("3"), BodySize::Stream),
            (Method::GET, "/part", 206, None, BodySize::Sized(3)),
            (Method::HEAD, "/nothing", 200, None, BodySize::Sized(0)),
        ] {
            let request =
                TestRequest::with_uri(path).method(method.clone()).insert_header((header::RANGE, "bytes=0-0"));
            let response = test::call_service(&service, request.to_request()).await;
            let told = response.headers().get(header::CONTENT_LENGTH).map(|value| value.to_str().unwrap());
            let found = (response.status().as_u16(), told, response.response().body().size());
            assert_eq!(found, (status, length, size), "{method} {path}");
            if method == Method::HEAD {
                assert!(test::read_body(response).await.is_empty(), "{path}");
            }
        }
    }
}
