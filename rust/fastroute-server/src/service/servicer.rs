//! Answers calls from bytes, for hosts that run a gRPC server of their own.
//!
//! There is one configuration and no runtime: calls run on the thread of the host, and questions to the meta-LLM are
//! put to a function that it gives. Everything else is as the server does it.

use std::sync::Arc;

use fastroute_core::{Decision, Question, Snapshot};
use fastroute_proto::v1;
use prost::Message;

use super::batch::result_of;
use super::decide::{Asking, Said, Stage, answer, begin, returns_question};
use super::explain::{request_of, said, tell};
use super::shield::guarded;
use super::{reports, stream};
use crate::codec::{MAX_BATCH, decode};
use crate::context::Caller;
use crate::convert::{self, Issued};
use crate::host::Clock;
use crate::metrics::Metrics;
use crate::refusal::Refusal;
use crate::report::Reports;

/// Answers calls of the router service under one configuration.
pub struct Servicer {
    snapshot: Arc<Snapshot>,
    reports: Reports,
    clock: Clock,
    caller: Caller,
}

/// Answers a question with a label, declines, or refuses the request that asks.
pub type Ask<'a> = &'a dyn Fn(&Question) -> Result<Option<String>, Refusal>;

impl Servicer {
    /// Makes one; reports are taken under `report_key`, which replicas may share, or under a key of its own.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>, report_key: Option<[u8; 32]>) -> Self {
        Self {
            snapshot,
            reports: Reports::new(report_key, Metrics::new()),
            clock: Clock::start(),
            caller: Caller::default(),
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
                let counted = None;
                reports::take(
                    &self.reports,
                    counted,
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
        let decision = match self.begin(request)? {
            Stage::Decided(decision) => decision,
            Stage::Asking(asking) if returns_question(request) => {
                return Ok(asking.question(request.seed));
            }
            Stage::Asking(asking) => self.ask(*asking, ask)?.0,
        };
        answer(
            &decision,
            request,
            &self.reports,
            &self.caller,
            self.clock.now(),
        )
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
        let (decision, said) = match self.begin(request)? {
            Stage::Decided(decision) => {
                let said = said(request).or_late(&decision);
                (decision, said)
            }
            Stage::Asking(asking) => self.ask(*asking, ask)?,
        };
        let issued = Issued {
            report_token: Vec::new(),
            ..self
                .reports
                .issue(&decision, &self.caller, self.clock.now())
        };
        tell(
            &self.snapshot,
            request,
            &said,
            convert::decision(&decision, issued, true),
        )
    }

    fn begin(&self, request: &v1::RouteRequest) -> Result<Stage, Refusal> {
        let own = convert::revision(self.snapshot.revision());
        if !request.revision.is_empty() && request.revision != own {
            return Err(Refusal::new(
                "UNKNOWN_REVISION",
                tonic::Code::NotFound,
                format!("only revision `{own}` is served here"),
            ));
        }
        begin(&self.snapshot, request, self.clock.now())
    }

    fn ask(&self, asking: Asking, ask: Ask<'_>) -> Result<(Decision, Said), Refusal> {
        let said = ask(asking.pending.question())?.map_or(Said::Declined, Said::Label);
        let decision = asking.resume(said.as_answer(), self.clock.now())?;
        let said = said.or_late(&decision);
        Ok((decision, said))
    }
}
