//! Answers calls from bytes, for hosts that run a gRPC server of their own.
//!
//! There is one configuration and no runtime: calls run on the thread of the host, and questions to the meta-LLM are
//! put to a function that it gives. Everything else is as the server does it.

use std::sync::Arc;

use fastroute_core::{Decision, Fleet, Live, Now, Question, Snapshot};
use fastroute_proto::v1;
use prost::Message;

use super::batch::result_of;
use super::decide::{Asking, Ground, Said, Stage, answer, begin, returns_question};
use super::explain::{request_of, said, tell};
use super::reports::Told;
use super::route::{keep_session, kept_session};
use super::shield::guarded;
use super::{reports, stream};
use crate::codec::{MAX_BATCH, decode};
use crate::context::Caller;
use crate::convert::{self, Issued};
use crate::host::{Clock, Draws};
use crate::live::{Claimed, Sessions};
use crate::metrics::Metrics;
use crate::refusal::Refusal;
use crate::report::Reports;

/// Answers calls of the router service under one configuration.
pub struct Servicer {
    snapshot: Arc<Snapshot>,
    live: Live,
    fleet: Fleet,
    reports: Reports,
    clock: Clock,
    draws: Draws,
    caller: Caller,
    sessions: Sessions,
}

/// Answers a question with a label, declines, or refuses the request that asks.
pub type Ask<'a> = &'a dyn Fn(&Question) -> Result<Option<String>, Refusal>;

impl Servicer {
    /// Makes one; reports are taken under `report_key`, which replicas may share, or under a key of its own.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>, report_key: Option<[u8; 32]>) -> Self {
        let (live, clock) = (Live::new(), Clock::start());
        Self {
            fleet: live.bind(&snapshot, clock.now()),
            snapshot,
            live,
            reports: Reports::new(report_key, Metrics::new()),
            clock,
            draws: Draws::start(),
            caller: Caller::default(),
            sessions: Sessions::default(),
        }
    }

    /// Answers a call of `Route`, `RouteBatch`, `Explain` or `ReportOutcomes` with the bytes of its response.
    ///
    /// # Errors
    ///
    /// As the call itself; `UNKNOWN_METHOD` for others, `UNKNOWN_REVISION` for any but its own.
    pub fn answer(&self, method: &str, bytes: &[u8], ask: Ask<'_>) -> Result<Vec<u8>, Refusal> {
        Ok(match method {
            "Route" => self.route(&decode(bytes)?, ask)?.encode_to_vec(),
            "RouteBatch" => self.route_batch(&decode(bytes)?, ask)?.encode_to_vec(),
            "Explain" => {
                let request = request_of(decode(bytes)?)?;
                let explained = self.explain(&request, ask);
                explained
                    .map_err(|refusal| refusal.within("request"))?
                    .encode_to_vec()
            }
            "ReportOutcomes" => {
                let told = Told {
                    fleet: &self.fleet,
                    live: &self.live,
                    before: None,
                    metrics: None,
                };
                reports::take(
                    &self.reports,
                    &told,
                    &decode(bytes)?,
                    &self.caller,
                    self.clock.now(),
                )?
                .encode_to_vec()
            }
            _ => {
                return Err(Refusal::new(
                    "UNKNOWN_METHOD",
                    tonic::Code::Unimplemented,
                    "only unary calls of the router service are answered here",
                ));
            }
        })
    }

    /// Answers one message of a stream; a refusal is its answer, with the id of the message, and ends nothing.
    #[must_use]
    pub fn answer_streamed(&self, bytes: &[u8], ask: Ask<'_>) -> Vec<u8> {
        let (id, request) = stream::opened(decode(bytes));
        let result = request.and_then(|request| guarded(|| self.route(&request, ask))?);
        stream::closed(id, result).encode_to_vec()
    }

    fn route(
        &self,
        request: &v1::RouteRequest,
        ask: Ask<'_>,
    ) -> Result<v1::RouteResponse, Refusal> {
        let now = self.clock.now();
        let session = self.session(request, now);
        let begun = self.begin(request, &session, now, true)?;
        let (decision, claimed) = match begun {
            Stage::Decided(decision, claimed) => (decision, claimed),
            Stage::Asking(asking) if returns_question(request) => {
                return Ok(asking.question(request.seed));
            }
            Stage::Asking(asking) => {
                let (decision, claimed, _) = self.ask(*asking, ask)?;
                (decision, claimed)
            }
        };
        let now = self.clock.now();
        let reports = &self.reports;
        let written = answer(&decision, &claimed, request, reports, &self.caller, now)?;
        keep_session(&self.sessions, &self.caller, &written, now);
        Ok(written)
    }

    fn route_batch(
        &self,
        request: &v1::RouteBatchRequest,
        ask: Ask<'_>,
    ) -> Result<v1::RouteBatchResponse, Refusal> {
        let count = request.requests.len();
        if count > MAX_BATCH {
            let message = format!("`{count}` requests are given, over the limit of {MAX_BATCH}");
            return Err(Refusal::invalid("TOO_MANY_REQUESTS", "requests", message));
        }
        let results = request
            .requests
            .iter()
            .map(|request| result_of(self.route(request, ask)));
        Ok(v1::RouteBatchResponse {
            results: results.collect(),
        })
    }

    fn explain(
        &self,
        request: &v1::RouteRequest,
        ask: Ask<'_>,
    ) -> Result<v1::ExplainResponse, Refusal> {
        let now = self.clock.now();
        let session = self.session(request, now);
        let (decision, said) = match self.begin(request, &session, now, false)? {
            Stage::Decided(decision, _) => {
                let said = said(request).or_late(&decision);
                (decision, said)
            }
            Stage::Asking(asking) => {
                let (decision, _, said) = self.ask(*asking, ask)?;
                (decision, said)
            }
        };
        let issued = Issued::unreported(self.reports.next_id(now));
        let decision = convert::decision(&decision, issued, true, now);
        tell(&self.ground(&session, now, false), request, &said, decision)
    }

    fn ground<'a>(&'a self, session: &'a [u8], now: Now, claims: bool) -> Ground<'a> {
        Ground {
            snapshot: &self.snapshot,
            fleet: &self.fleet,
            own: None,
            caller: &self.caller,
            session,
            now,
            claims: claims.then(|| (self.reports.next_id(now), self.draws.next())),
        }
    }

    fn session(&self, request: &v1::RouteRequest, now: Now) -> Vec<u8> {
        kept_session(
            &self.sessions,
            self.snapshot.catalogue(),
            request,
            &self.caller,
            now,
        )
    }

    fn begin(
        &self,
        request: &v1::RouteRequest,
        session: &[u8],
        now: Now,
        claims: bool,
    ) -> Result<Stage, Refusal> {
        let own = convert::revision(self.snapshot.revision());
        if !request.revision.is_empty() && request.revision != own {
            return Err(Refusal::new(
                "UNKNOWN_REVISION",
                tonic::Code::NotFound,
                format!("only revision `{own}` is served here"),
            ));
        }
        begin(&self.ground(session, now, claims), request)
    }

    fn ask(&self, asking: Asking, ask: Ask<'_>) -> Result<(Decision, Claimed, Said), Refusal> {
        let said = ask(asking.pending.question())?.map_or(Said::Declined, Said::Label);
        let now = self.clock.now();
        let (decision, claimed) = asking.resume(said.as_answer(), &self.caller, now)?;
        let said = said.or_late(&decision);
        Ok((decision, claimed, said))
    }
}
