//! The stable codes of configuration issues.
//!
//! A code, once released, is never renamed; the message beside it is for people and may change.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// What kind of thing is wrong; stable and safe to branch on.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in alphabetical order.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code as text, `SCREAMING_SNAKE`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $text,)+
                }
            }

            /// One sentence that says what the code means.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Code::$name => concat!($($doc),+).trim_ascii_start(),)+
                }
            }
        }
    };
}

codes! {
    /// A cascade accepts by neither confidence nor format.
    AcceptEmpty = "ACCEPT_EMPTY",
    /// YAML aliases stand for more values or bytes than a file may hold.
    AliasTooLarge = "ALIAS_TOO_LARGE",
    /// A budget of everything together is for one value.
    BudgetForAll = "BUDGET_FOR_ALL",
    /// A budget limits neither dollars nor tokens.
    BudgetWithoutLimit = "BUDGET_WITHOUT_LIMIT",
    /// A key of `answer_confidence` belongs to another source of confidence.
    ConfidenceKeyUnused = "CONFIDENCE_KEY_UNUSED",
    /// A credential has both `api_key` and `api_key_file`.
    CredentialConflict = "CREDENTIAL_CONFLICT",
    /// A named credential has neither `api_key` nor `api_key_file`.
    CredentialMissing = "CREDENTIAL_MISSING",
    /// A model has both `provider` and `deployments`.
    DeploymentConflict = "DEPLOYMENT_CONFLICT",
    /// A model has neither `provider` nor `deployments`.
    DeploymentMissing = "DEPLOYMENT_MISSING",
    /// The same example belongs to two routes, or twice to one.
    DuplicateExample = "DUPLICATE_EXAMPLE",
    /// A list names the same thing twice.
    DuplicateItem = "DUPLICATE_ITEM",
    /// A mapping has the same key twice.
    DuplicateKey = "DUPLICATE_KEY",
    /// Two models, routes, prompts or rules have one name.
    DuplicateName = "DUPLICATE_NAME",
    /// A task flag selects two routes.
    DuplicateTask = "DUPLICATE_TASK",
    /// The file holds nothing.
    EmptyFile = "EMPTY_FILE",
    /// A list needs an item and has none.
    EmptyList = "EMPTY_LIST",
    /// A text needs a character that is not blank and has none.
    EmptyText = "EMPTY_TEXT",
    /// A key stands without a value.
    EmptyValue = "EMPTY_VALUE",
    /// A file that is named is not UTF-8.
    FileNotUtf8 = "FILE_NOT_UTF8",
    /// The file, or one that it names, is larger than the limit.
    FileTooLarge = "FILE_TOO_LARGE",
    /// A hedge would begin when the call or the run is over.
    HedgeTooLate = "HEDGE_TOO_LATE",
    /// A duration is not written like `800ms`, or is longer than a year.
    InvalidDuration = "INVALID_DURATION",
    /// The files of an encoder cannot be used.
    InvalidEncoder = "INVALID_ENCODER",
    /// A JSON Schema is malformed, refers to another document, or needs more than linear time.
    InvalidJsonSchema = "INVALID_JSON_SCHEMA",
    /// A keyword cannot be matched.
    InvalidKeyword = "INVALID_KEYWORD",
    /// A regular expression is malformed, or uses what needs more than linear time.
    InvalidRegex = "INVALID_REGEX",
    /// A secret contains `${` and is not all of `${NAME}`.
    InvalidSecret = "INVALID_SECRET",
    /// A template is malformed, computes or binds, or writes without end.
    InvalidTemplate = "INVALID_TEMPLATE",
    /// A `tokenizer.json` cannot be used.
    InvalidTokenizer = "INVALID_TOKENIZER",
    /// An address is neither `http://…` nor `https://…`.
    InvalidUrl = "INVALID_URL",
    /// A key of a mapping is not a text.
    KeyNotText = "KEY_NOT_TEXT",
    /// Keywords have not exactly one of `any`, `all` and `file`.
    KeywordsForm = "KEYWORDS_FORM",
    /// A secret is written out.
    LiteralSecret = "LITERAL_SECRET",
    /// `classify.meta_llm` is given, and the stage is not in `classify.order`.
    MetaLlmUnused = "META_LLM_UNUSED",
    /// A metadata test has not exactly one of `equals`, `in`, `exists`, and `min` or `max`.
    MetadataForm = "METADATA_FORM",
    /// A lower bound is above the upper one.
    MinOverMax = "MIN_OVER_MAX",
    /// A key that is needed is not there.
    MissingKey = "MISSING_KEY",
    /// A list mixes texts, numbers and booleans.
    MixedTypes = "MIXED_TYPES",
    /// A YAML stream holds more than one document.
    MultipleDocuments = "MULTIPLE_DOCUMENTS",
    /// No model of a rule's route keeps the rule's restriction.
    NobodyPermitted = "NOBODY_PERMITTED",
    /// A number is infinite or not a number.
    NotFinite = "NOT_FINITE",
    /// The file is not UTF-8.
    NotUtf8 = "NOT_UTF8",
    /// Exactly one key of several is expected, and there are none or more.
    OneKeyExpected = "ONE_KEY_EXPECTED",
    /// A number is outside its range.
    OutOfRange = "OUT_OF_RANGE",
    /// No candidate of a route can hold the output that the route expects.
    OutputOverCandidates = "OUTPUT_OVER_CANDIDATES",
    /// The most output of a model is larger than its context window.
    OutputOverWindow = "OUTPUT_OVER_WINDOW",
    /// Parts of a long text repeat more than a candidate can hold.
    OverlapOverWindow = "OVERLAP_OVER_WINDOW",
    /// A prompt stands behind one that always fits.
    PromptUnreachable = "PROMPT_UNREACHABLE",
    /// A model has neither a default quality nor one for every route.
    QualityIncomplete = "QUALITY_INCOMPLETE",
    /// A range has neither `min` nor `max`.
    RangeWithoutBound = "RANGE_WITHOUT_BOUND",
    /// A rate has neither requests nor tokens.
    RateWithoutFigure = "RATE_WITHOUT_FIGURE",
    /// A YAML alias stands for a value that contains it.
    RecursiveAlias = "RECURSIVE_ALIAS",
    /// A regular expression compiles to more than the limit.
    RegexTooLarge = "REGEX_TOO_LARGE",
    /// A rule rejects and also sets fields that then have no effect.
    RejectWithOthers = "REJECT_WITH_OTHERS",
    /// A route has a name that means something else where routes are named.
    ReservedName = "RESERVED_NAME",
    /// A restriction names neither tags nor models.
    RestrictEmpty = "RESTRICT_EMPTY",
    /// No rule, example, task, description or default can lead to a route.
    RouteUnreachable = "ROUTE_UNREACHABLE",
    /// The meta-LLM may choose a route that has no description.
    RouteWithoutDescription = "ROUTE_WITHOUT_DESCRIPTION",
    /// A rule names a model that its own restriction does not permit.
    RuleModelNotPermitted = "RULE_MODEL_NOT_PERMITTED",
    /// An earlier rule with the same condition already sets what this rule sets.
    RuleShadowed = "RULE_SHADOWED",
    /// Rules name routes, and the stage `rules` is not in `classify.order`.
    RuleStageMissing = "RULE_STAGE_MISSING",
    /// No candidate of a route can hold the summary of a long text.
    SummaryOverCandidates = "SUMMARY_OVER_CANDIDATES",
    /// The text is not YAML, JSON or TOML.
    Syntax = "SYNTAX",
    /// A text is longer than the limit.
    TextTooLong = "TEXT_TOO_LONG",
    /// A rule says nothing in `then`.
    ThenEmpty = "THEN_EMPTY",
    /// Values are nested deeper than the limit.
    TooDeep = "TOO_DEEP",
    /// A list, or all lists of a kind together, hold more than the limit.
    TooMany = "TOO_MANY",
    /// The file holds more values than the limit.
    TooManyValues = "TOO_MANY_VALUES",
    /// A YAML alias has no anchor before it.
    UnknownAlias = "UNKNOWN_ALIAS",
    /// A name stands for no credential of its provider.
    UnknownCredential = "UNKNOWN_CREDENTIAL",
    /// A mapping has a key that means nothing there.
    UnknownKey = "UNKNOWN_KEY",
    /// A name stands for no model.
    UnknownModel = "UNKNOWN_MODEL",
    /// A name stands for no prompt.
    UnknownPrompt = "UNKNOWN_PROMPT",
    /// A name stands for no provider.
    UnknownProvider = "UNKNOWN_PROVIDER",
    /// A name stands for no route.
    UnknownRoute = "UNKNOWN_ROUTE",
    /// A name stands for no script of Unicode.
    UnknownScript = "UNKNOWN_SCRIPT",
    /// A tag is carried by no model.
    UnknownTag = "UNKNOWN_TAG",
    /// A name stands for no tokenizer.
    UnknownTokenizer = "UNKNOWN_TOKENIZER",
    /// A text is none of the values that are known there.
    UnknownValue = "UNKNOWN_VALUE",
    /// A template uses a variable that it is not given.
    UnknownVariable = "UNKNOWN_VARIABLE",
    /// A file that is named cannot be read.
    UnreadableFile = "UNREADABLE_FILE",
    /// YAML merge keys are not supported.
    UnsupportedMergeKey = "UNSUPPORTED_MERGE_KEY",
    /// A YAML tag is not supported.
    UnsupportedTag = "UNSUPPORTED_TAG",
    /// A TOML value of this kind is not supported.
    UnsupportedValue = "UNSUPPORTED_VALUE",
    /// The version of the format is not one that this release reads.
    UnsupportedVersion = "UNSUPPORTED_VERSION",
    /// A name begins or ends with white space.
    UntrimmedName = "UNTRIMMED_NAME",
    /// A credential that no deployment uses.
    UnusedCredential = "UNUSED_CREDENTIAL",
    /// A model that no route, rule or stage uses.
    UnusedModel = "UNUSED_MODEL",
    /// A prompt that no route or rule uses.
    UnusedPrompt = "UNUSED_PROMPT",
    /// A provider that no model uses.
    UnusedProvider = "UNUSED_PROVIDER",
    /// All weights of an objective are 0.
    WeightsZero = "WEIGHTS_ZERO",
    /// A value is of another type than the one that is expected.
    WrongType = "WRONG_TYPE",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_each_says_what_it_means() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.meaning().ends_with('.'), "{code}");
            assert!(code.meaning().len() > 15, "{code}");
        }
    }
}
