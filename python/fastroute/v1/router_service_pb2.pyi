from fastroute.v1 import router_pb2 as _router_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Truth(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRUTH_UNSPECIFIED: _ClassVar[Truth]
    TRUTH_FALSE: _ClassVar[Truth]
    TRUTH_TRUE: _ClassVar[Truth]
    TRUTH_UNKNOWN: _ClassVar[Truth]

class AttemptOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTEMPT_OUTCOME_UNSPECIFIED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_SUCCESS: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_SERVER_ERROR: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_CONNECT_FAILED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_TIMEOUT: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_STREAM_BROKEN: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_RATE_LIMITED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_UNAUTHORIZED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_QUOTA_EXHAUSTED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_MODEL_NOT_FOUND: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_INVALID_REQUEST: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_CONTEXT_TOO_LONG: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_CONTENT_REFUSED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_CANCELLED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_LOCAL_ERROR: _ClassVar[AttemptOutcome]

class LimitScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LIMIT_SCOPE_UNSPECIFIED: _ClassVar[LimitScope]
    LIMIT_SCOPE_MODEL: _ClassVar[LimitScope]
    LIMIT_SCOPE_CREDENTIAL: _ClassVar[LimitScope]
    LIMIT_SCOPE_PROVIDER: _ClassVar[LimitScope]

class ReportStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REPORT_STATUS_UNSPECIFIED: _ClassVar[ReportStatus]
    REPORT_STATUS_ACCEPTED: _ClassVar[ReportStatus]
    REPORT_STATUS_DUPLICATE: _ClassVar[ReportStatus]
    REPORT_STATUS_EXPIRED: _ClassVar[ReportStatus]
    REPORT_STATUS_REFUSED: _ClassVar[ReportStatus]
TRUTH_UNSPECIFIED: Truth
TRUTH_FALSE: Truth
TRUTH_TRUE: Truth
TRUTH_UNKNOWN: Truth
ATTEMPT_OUTCOME_UNSPECIFIED: AttemptOutcome
ATTEMPT_OUTCOME_SUCCESS: AttemptOutcome
ATTEMPT_OUTCOME_SERVER_ERROR: AttemptOutcome
ATTEMPT_OUTCOME_CONNECT_FAILED: AttemptOutcome
ATTEMPT_OUTCOME_TIMEOUT: AttemptOutcome
ATTEMPT_OUTCOME_STREAM_BROKEN: AttemptOutcome
ATTEMPT_OUTCOME_RATE_LIMITED: AttemptOutcome
ATTEMPT_OUTCOME_UNAUTHORIZED: AttemptOutcome
ATTEMPT_OUTCOME_QUOTA_EXHAUSTED: AttemptOutcome
ATTEMPT_OUTCOME_MODEL_NOT_FOUND: AttemptOutcome
ATTEMPT_OUTCOME_INVALID_REQUEST: AttemptOutcome
ATTEMPT_OUTCOME_CONTEXT_TOO_LONG: AttemptOutcome
ATTEMPT_OUTCOME_CONTENT_REFUSED: AttemptOutcome
ATTEMPT_OUTCOME_CANCELLED: AttemptOutcome
ATTEMPT_OUTCOME_LOCAL_ERROR: AttemptOutcome
LIMIT_SCOPE_UNSPECIFIED: LimitScope
LIMIT_SCOPE_MODEL: LimitScope
LIMIT_SCOPE_CREDENTIAL: LimitScope
LIMIT_SCOPE_PROVIDER: LimitScope
REPORT_STATUS_UNSPECIFIED: ReportStatus
REPORT_STATUS_ACCEPTED: ReportStatus
REPORT_STATUS_DUPLICATE: ReportStatus
REPORT_STATUS_EXPIRED: ReportStatus
REPORT_STATUS_REFUSED: ReportStatus

class RouteBatchRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[_router_pb2.RouteRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[_router_pb2.RouteRequest, _Mapping]]] = ...) -> None: ...

class RouteBatchResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[RouteResult]
    def __init__(self, results: _Optional[_Iterable[_Union[RouteResult, _Mapping]]] = ...) -> None: ...

class RouteResult(_message.Message):
    __slots__ = ("response", "error")
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    response: _router_pb2.RouteResponse
    error: Error
    def __init__(self, response: _Optional[_Union[_router_pb2.RouteResponse, _Mapping]] = ..., error: _Optional[_Union[Error, _Mapping]] = ...) -> None: ...

class Error(_message.Message):
    __slots__ = ("code", "message", "status", "field", "retry_after")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    status: int
    field: str
    retry_after: _duration_pb2.Duration
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., status: _Optional[int] = ..., field: _Optional[str] = ..., retry_after: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class RouteStreamRequest(_message.Message):
    __slots__ = ("id", "request", "in_order")
    ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    IN_ORDER_FIELD_NUMBER: _ClassVar[int]
    id: str
    request: _router_pb2.RouteRequest
    in_order: bool
    def __init__(self, id: _Optional[str] = ..., request: _Optional[_Union[_router_pb2.RouteRequest, _Mapping]] = ..., in_order: bool = ...) -> None: ...

class RouteStreamResponse(_message.Message):
    __slots__ = ("id", "response", "error")
    ID_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    id: str
    response: _router_pb2.RouteResponse
    error: Error
    def __init__(self, id: _Optional[str] = ..., response: _Optional[_Union[_router_pb2.RouteResponse, _Mapping]] = ..., error: _Optional[_Union[Error, _Mapping]] = ...) -> None: ...

class ExplainRequest(_message.Message):
    __slots__ = ("request",)
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    request: _router_pb2.RouteRequest
    def __init__(self, request: _Optional[_Union[_router_pb2.RouteRequest, _Mapping]] = ...) -> None: ...

class ExplainResponse(_message.Message):
    __slots__ = ("explanation",)
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    explanation: Explanation
    def __init__(self, explanation: _Optional[_Union[Explanation, _Mapping]] = ...) -> None: ...

class Explanation(_message.Message):
    __slots__ = ("decision", "stages", "signals", "rules", "similarity", "models", "nearly", "changes", "text", "json")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    SIGNALS_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    SIMILARITY_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    NEARLY_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    decision: _router_pb2.Decision
    stages: _containers.RepeatedCompositeFieldContainer[StageLine]
    signals: _containers.RepeatedCompositeFieldContainer[SignalLine]
    rules: _containers.RepeatedCompositeFieldContainer[RuleLine]
    similarity: SimilarityLines
    models: _containers.RepeatedCompositeFieldContainer[ModelLine]
    nearly: _containers.RepeatedScalarFieldContainer[str]
    changes: _containers.RepeatedCompositeFieldContainer[Change]
    text: str
    json: str
    def __init__(self, decision: _Optional[_Union[_router_pb2.Decision, _Mapping]] = ..., stages: _Optional[_Iterable[_Union[StageLine, _Mapping]]] = ..., signals: _Optional[_Iterable[_Union[SignalLine, _Mapping]]] = ..., rules: _Optional[_Iterable[_Union[RuleLine, _Mapping]]] = ..., similarity: _Optional[_Union[SimilarityLines, _Mapping]] = ..., models: _Optional[_Iterable[_Union[ModelLine, _Mapping]]] = ..., nearly: _Optional[_Iterable[str]] = ..., changes: _Optional[_Iterable[_Union[Change, _Mapping]]] = ..., text: _Optional[str] = ..., json: _Optional[str] = ...) -> None: ...

class StageLine(_message.Message):
    __slots__ = ("stage", "result", "detail")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    stage: str
    result: str
    detail: str
    def __init__(self, stage: _Optional[str] = ..., result: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class SignalLine(_message.Message):
    __slots__ = ("signal", "reads", "value_json", "truth")
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
    TRUTH_FIELD_NUMBER: _ClassVar[int]
    signal: str
    reads: str
    value_json: str
    truth: Truth
    def __init__(self, signal: _Optional[str] = ..., reads: _Optional[str] = ..., value_json: _Optional[str] = ..., truth: _Optional[_Union[Truth, str]] = ...) -> None: ...

class RuleLine(_message.Message):
    __slots__ = ("rule", "value", "decided")
    RULE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    DECIDED_FIELD_NUMBER: _ClassVar[int]
    rule: str
    value: Truth
    decided: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, rule: _Optional[str] = ..., value: _Optional[_Union[Truth, str]] = ..., decided: _Optional[_Iterable[str]] = ...) -> None: ...

class SimilarityLines(_message.Message):
    __slots__ = ("is_known", "routes", "background", "margin", "nearest")
    IS_KNOWN_FIELD_NUMBER: _ClassVar[int]
    ROUTES_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_FIELD_NUMBER: _ClassVar[int]
    MARGIN_FIELD_NUMBER: _ClassVar[int]
    NEAREST_FIELD_NUMBER: _ClassVar[int]
    is_known: bool
    routes: _containers.RepeatedCompositeFieldContainer[RouteLine]
    background: float
    margin: float
    nearest: _containers.RepeatedCompositeFieldContainer[ExampleLine]
    def __init__(self, is_known: bool = ..., routes: _Optional[_Iterable[_Union[RouteLine, _Mapping]]] = ..., background: _Optional[float] = ..., margin: _Optional[float] = ..., nearest: _Optional[_Iterable[_Union[ExampleLine, _Mapping]]] = ...) -> None: ...

class RouteLine(_message.Message):
    __slots__ = ("route", "probability", "threshold")
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    route: str
    probability: float
    threshold: float
    def __init__(self, route: _Optional[str] = ..., probability: _Optional[float] = ..., threshold: _Optional[float] = ...) -> None: ...

class ExampleLine(_message.Message):
    __slots__ = ("route", "example", "similarity")
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    EXAMPLE_FIELD_NUMBER: _ClassVar[int]
    SIMILARITY_FIELD_NUMBER: _ClassVar[int]
    route: str
    example: str
    similarity: float
    def __init__(self, route: _Optional[str] = ..., example: _Optional[str] = ..., similarity: _Optional[float] = ...) -> None: ...

class ModelLine(_message.Message):
    __slots__ = ("model", "role", "missing", "score", "quality", "cost_usd", "latency")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    COST_USD_FIELD_NUMBER: _ClassVar[int]
    LATENCY_FIELD_NUMBER: _ClassVar[int]
    model: str
    role: str
    missing: _containers.RepeatedCompositeFieldContainer[_router_pb2.Missing]
    score: float
    quality: float
    cost_usd: float
    latency: _duration_pb2.Duration
    def __init__(self, model: _Optional[str] = ..., role: _Optional[str] = ..., missing: _Optional[_Iterable[_Union[_router_pb2.Missing, _Mapping]]] = ..., score: _Optional[float] = ..., quality: _Optional[float] = ..., cost_usd: _Optional[float] = ..., latency: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Change(_message.Message):
    __slots__ = ("change", "size", "outcome", "route", "model", "prompt")
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    change: str
    size: float
    outcome: _router_pb2.Outcome
    route: str
    model: str
    prompt: str
    def __init__(self, change: _Optional[str] = ..., size: _Optional[float] = ..., outcome: _Optional[_Union[_router_pb2.Outcome, str]] = ..., route: _Optional[str] = ..., model: _Optional[str] = ..., prompt: _Optional[str] = ...) -> None: ...

class ReportOutcomesRequest(_message.Message):
    __slots__ = ("reports",)
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[OutcomeReport]
    def __init__(self, reports: _Optional[_Iterable[_Union[OutcomeReport, _Mapping]]] = ...) -> None: ...

class OutcomeReport(_message.Message):
    __slots__ = ("report_token", "attempt", "model", "outcome", "first_token", "latency", "input_tokens", "output_tokens", "cached_tokens", "retry_after", "limit_scope", "feedback", "output_hash", "output_bytes")
    REPORT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    FIRST_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LATENCY_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_SCOPE_FIELD_NUMBER: _ClassVar[int]
    FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_HASH_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_BYTES_FIELD_NUMBER: _ClassVar[int]
    report_token: bytes
    attempt: int
    model: str
    outcome: AttemptOutcome
    first_token: _duration_pb2.Duration
    latency: _duration_pb2.Duration
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    retry_after: _duration_pb2.Duration
    limit_scope: LimitScope
    feedback: Feedback
    output_hash: bytes
    output_bytes: int
    def __init__(self, report_token: _Optional[bytes] = ..., attempt: _Optional[int] = ..., model: _Optional[str] = ..., outcome: _Optional[_Union[AttemptOutcome, str]] = ..., first_token: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., latency: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cached_tokens: _Optional[int] = ..., retry_after: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., limit_scope: _Optional[_Union[LimitScope, str]] = ..., feedback: _Optional[_Union[Feedback, _Mapping]] = ..., output_hash: _Optional[bytes] = ..., output_bytes: _Optional[int] = ...) -> None: ...

class Feedback(_message.Message):
    __slots__ = ("kind", "score")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    score: float
    def __init__(self, kind: _Optional[str] = ..., score: _Optional[float] = ...) -> None: ...

class ReportOutcomesResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ReportResult]
    def __init__(self, results: _Optional[_Iterable[_Union[ReportResult, _Mapping]]] = ...) -> None: ...

class ReportResult(_message.Message):
    __slots__ = ("status", "code")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    status: ReportStatus
    code: str
    def __init__(self, status: _Optional[_Union[ReportStatus, str]] = ..., code: _Optional[str] = ...) -> None: ...
