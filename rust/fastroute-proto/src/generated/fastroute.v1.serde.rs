impl serde::Serialize for ActivateRevisionRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.revision.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ActivateRevisionRequest", len)?;
        if !self.revision.is_empty() {
            struct_ser.serialize_field("revision", &self.revision)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ActivateRevisionRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "revision",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Revision,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "revision" => Ok(GeneratedField::Revision),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ActivateRevisionRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ActivateRevisionRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ActivateRevisionRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut revision__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ActivateRevisionRequest {
                    revision: revision__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ActivateRevisionRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ActivateRevisionResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.revision.is_empty() {
            len += 1;
        }
        if !self.previous_revision.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ActivateRevisionResponse", len)?;
        if !self.revision.is_empty() {
            struct_ser.serialize_field("revision", &self.revision)?;
        }
        if !self.previous_revision.is_empty() {
            struct_ser.serialize_field("previousRevision", &self.previous_revision)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ActivateRevisionResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "revision",
            "previous_revision",
            "previousRevision",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Revision,
            PreviousRevision,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "revision" => Ok(GeneratedField::Revision),
                            "previousRevision" | "previous_revision" => Ok(GeneratedField::PreviousRevision),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ActivateRevisionResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ActivateRevisionResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ActivateRevisionResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut revision__ = None;
                let mut previous_revision__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PreviousRevision => {
                            if previous_revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("previousRevision"));
                            }
                            previous_revision__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ActivateRevisionResponse {
                    revision: revision__.unwrap_or_default(),
                    previous_revision: previous_revision__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ActivateRevisionResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ActivationCause {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ACTIVATION_CAUSE_UNSPECIFIED",
            Self::Start => "ACTIVATION_CAUSE_START",
            Self::FileChange => "ACTIVATION_CAUSE_FILE_CHANGE",
            Self::Signal => "ACTIVATION_CAUSE_SIGNAL",
            Self::Reload => "ACTIVATION_CAUSE_RELOAD",
            Self::Activate => "ACTIVATION_CAUSE_ACTIVATE",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for ActivationCause {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ACTIVATION_CAUSE_UNSPECIFIED",
            "ACTIVATION_CAUSE_START",
            "ACTIVATION_CAUSE_FILE_CHANGE",
            "ACTIVATION_CAUSE_SIGNAL",
            "ACTIVATION_CAUSE_RELOAD",
            "ACTIVATION_CAUSE_ACTIVATE",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = ActivationCause;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ACTIVATION_CAUSE_UNSPECIFIED" => Ok(ActivationCause::Unspecified),
                    "ACTIVATION_CAUSE_START" => Ok(ActivationCause::Start),
                    "ACTIVATION_CAUSE_FILE_CHANGE" => Ok(ActivationCause::FileChange),
                    "ACTIVATION_CAUSE_SIGNAL" => Ok(ActivationCause::Signal),
                    "ACTIVATION_CAUSE_RELOAD" => Ok(ActivationCause::Reload),
                    "ACTIVATION_CAUSE_ACTIVATE" => Ok(ActivationCause::Activate),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Answer {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.label.is_some() {
            len += 1;
        }
        if self.waited.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Answer", len)?;
        if let Some(v) = self.label.as_ref() {
            struct_ser.serialize_field("label", v)?;
        }
        if let Some(v) = self.waited.as_ref() {
            struct_ser.serialize_field("waited", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Answer {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "label",
            "waited",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Label,
            Waited,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "label" => Ok(GeneratedField::Label),
                            "waited" => Ok(GeneratedField::Waited),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Answer;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Answer")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Answer, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut label__ = None;
                let mut waited__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Label => {
                            if label__.is_some() {
                                return Err(serde::de::Error::duplicate_field("label"));
                            }
                            label__ = map_.next_value()?;
                        }
                        GeneratedField::Waited => {
                            if waited__.is_some() {
                                return Err(serde::de::Error::duplicate_field("waited"));
                            }
                            waited__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Answer {
                    label: label__,
                    waited: waited__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Answer", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for AttemptOutcome {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ATTEMPT_OUTCOME_UNSPECIFIED",
            Self::Success => "ATTEMPT_OUTCOME_SUCCESS",
            Self::ServerError => "ATTEMPT_OUTCOME_SERVER_ERROR",
            Self::ConnectFailed => "ATTEMPT_OUTCOME_CONNECT_FAILED",
            Self::Timeout => "ATTEMPT_OUTCOME_TIMEOUT",
            Self::StreamBroken => "ATTEMPT_OUTCOME_STREAM_BROKEN",
            Self::RateLimited => "ATTEMPT_OUTCOME_RATE_LIMITED",
            Self::Unauthorized => "ATTEMPT_OUTCOME_UNAUTHORIZED",
            Self::QuotaExhausted => "ATTEMPT_OUTCOME_QUOTA_EXHAUSTED",
            Self::ModelNotFound => "ATTEMPT_OUTCOME_MODEL_NOT_FOUND",
            Self::InvalidRequest => "ATTEMPT_OUTCOME_INVALID_REQUEST",
            Self::ContextTooLong => "ATTEMPT_OUTCOME_CONTEXT_TOO_LONG",
            Self::ContentRefused => "ATTEMPT_OUTCOME_CONTENT_REFUSED",
            Self::Cancelled => "ATTEMPT_OUTCOME_CANCELLED",
            Self::LocalError => "ATTEMPT_OUTCOME_LOCAL_ERROR",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for AttemptOutcome {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ATTEMPT_OUTCOME_UNSPECIFIED",
            "ATTEMPT_OUTCOME_SUCCESS",
            "ATTEMPT_OUTCOME_SERVER_ERROR",
            "ATTEMPT_OUTCOME_CONNECT_FAILED",
            "ATTEMPT_OUTCOME_TIMEOUT",
            "ATTEMPT_OUTCOME_STREAM_BROKEN",
            "ATTEMPT_OUTCOME_RATE_LIMITED",
            "ATTEMPT_OUTCOME_UNAUTHORIZED",
            "ATTEMPT_OUTCOME_QUOTA_EXHAUSTED",
            "ATTEMPT_OUTCOME_MODEL_NOT_FOUND",
            "ATTEMPT_OUTCOME_INVALID_REQUEST",
            "ATTEMPT_OUTCOME_CONTEXT_TOO_LONG",
            "ATTEMPT_OUTCOME_CONTENT_REFUSED",
            "ATTEMPT_OUTCOME_CANCELLED",
            "ATTEMPT_OUTCOME_LOCAL_ERROR",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = AttemptOutcome;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ATTEMPT_OUTCOME_UNSPECIFIED" => Ok(AttemptOutcome::Unspecified),
                    "ATTEMPT_OUTCOME_SUCCESS" => Ok(AttemptOutcome::Success),
                    "ATTEMPT_OUTCOME_SERVER_ERROR" => Ok(AttemptOutcome::ServerError),
                    "ATTEMPT_OUTCOME_CONNECT_FAILED" => Ok(AttemptOutcome::ConnectFailed),
                    "ATTEMPT_OUTCOME_TIMEOUT" => Ok(AttemptOutcome::Timeout),
                    "ATTEMPT_OUTCOME_STREAM_BROKEN" => Ok(AttemptOutcome::StreamBroken),
                    "ATTEMPT_OUTCOME_RATE_LIMITED" => Ok(AttemptOutcome::RateLimited),
                    "ATTEMPT_OUTCOME_UNAUTHORIZED" => Ok(AttemptOutcome::Unauthorized),
                    "ATTEMPT_OUTCOME_QUOTA_EXHAUSTED" => Ok(AttemptOutcome::QuotaExhausted),
                    "ATTEMPT_OUTCOME_MODEL_NOT_FOUND" => Ok(AttemptOutcome::ModelNotFound),
                    "ATTEMPT_OUTCOME_INVALID_REQUEST" => Ok(AttemptOutcome::InvalidRequest),
                    "ATTEMPT_OUTCOME_CONTEXT_TOO_LONG" => Ok(AttemptOutcome::ContextTooLong),
                    "ATTEMPT_OUTCOME_CONTENT_REFUSED" => Ok(AttemptOutcome::ContentRefused),
                    "ATTEMPT_OUTCOME_CANCELLED" => Ok(AttemptOutcome::Cancelled),
                    "ATTEMPT_OUTCOME_LOCAL_ERROR" => Ok(AttemptOutcome::LocalError),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for BudgetLine {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.scope.is_empty() {
            len += 1;
        }
        if !self.value.is_empty() {
            len += 1;
        }
        if self.window.is_some() {
            len += 1;
        }
        if self.limit_nano_usd.is_some() {
            len += 1;
        }
        if self.spent_nano_usd != 0 {
            len += 1;
        }
        if self.reserved_nano_usd != 0 {
            len += 1;
        }
        if self.limit_tokens.is_some() {
            len += 1;
        }
        if self.spent_tokens != 0 {
            len += 1;
        }
        if self.reserved_tokens != 0 {
            len += 1;
        }
        if self.resets_at.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.BudgetLine", len)?;
        if !self.scope.is_empty() {
            struct_ser.serialize_field("scope", &self.scope)?;
        }
        if !self.value.is_empty() {
            struct_ser.serialize_field("value", &self.value)?;
        }
        if let Some(v) = self.window.as_ref() {
            struct_ser.serialize_field("window", v)?;
        }
        if let Some(v) = self.limit_nano_usd.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("limitNanoUsd", ToString::to_string(&v).as_str())?;
        }
        if self.spent_nano_usd != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("spentNanoUsd", ToString::to_string(&self.spent_nano_usd).as_str())?;
        }
        if self.reserved_nano_usd != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("reservedNanoUsd", ToString::to_string(&self.reserved_nano_usd).as_str())?;
        }
        if let Some(v) = self.limit_tokens.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("limitTokens", ToString::to_string(&v).as_str())?;
        }
        if self.spent_tokens != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("spentTokens", ToString::to_string(&self.spent_tokens).as_str())?;
        }
        if self.reserved_tokens != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("reservedTokens", ToString::to_string(&self.reserved_tokens).as_str())?;
        }
        if let Some(v) = self.resets_at.as_ref() {
            struct_ser.serialize_field("resetsAt", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for BudgetLine {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "scope",
            "value",
            "window",
            "limit_nano_usd",
            "limitNanoUsd",
            "spent_nano_usd",
            "spentNanoUsd",
            "reserved_nano_usd",
            "reservedNanoUsd",
            "limit_tokens",
            "limitTokens",
            "spent_tokens",
            "spentTokens",
            "reserved_tokens",
            "reservedTokens",
            "resets_at",
            "resetsAt",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Scope,
            Value,
            Window,
            LimitNanoUsd,
            SpentNanoUsd,
            ReservedNanoUsd,
            LimitTokens,
            SpentTokens,
            ReservedTokens,
            ResetsAt,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "scope" => Ok(GeneratedField::Scope),
                            "value" => Ok(GeneratedField::Value),
                            "window" => Ok(GeneratedField::Window),
                            "limitNanoUsd" | "limit_nano_usd" => Ok(GeneratedField::LimitNanoUsd),
                            "spentNanoUsd" | "spent_nano_usd" => Ok(GeneratedField::SpentNanoUsd),
                            "reservedNanoUsd" | "reserved_nano_usd" => Ok(GeneratedField::ReservedNanoUsd),
                            "limitTokens" | "limit_tokens" => Ok(GeneratedField::LimitTokens),
                            "spentTokens" | "spent_tokens" => Ok(GeneratedField::SpentTokens),
                            "reservedTokens" | "reserved_tokens" => Ok(GeneratedField::ReservedTokens),
                            "resetsAt" | "resets_at" => Ok(GeneratedField::ResetsAt),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = BudgetLine;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.BudgetLine")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<BudgetLine, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut scope__ = None;
                let mut value__ = None;
                let mut window__ = None;
                let mut limit_nano_usd__ = None;
                let mut spent_nano_usd__ = None;
                let mut reserved_nano_usd__ = None;
                let mut limit_tokens__ = None;
                let mut spent_tokens__ = None;
                let mut reserved_tokens__ = None;
                let mut resets_at__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Scope => {
                            if scope__.is_some() {
                                return Err(serde::de::Error::duplicate_field("scope"));
                            }
                            scope__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Window => {
                            if window__.is_some() {
                                return Err(serde::de::Error::duplicate_field("window"));
                            }
                            window__ = map_.next_value()?;
                        }
                        GeneratedField::LimitNanoUsd => {
                            if limit_nano_usd__.is_some() {
                                return Err(serde::de::Error::duplicate_field("limitNanoUsd"));
                            }
                            limit_nano_usd__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::SpentNanoUsd => {
                            if spent_nano_usd__.is_some() {
                                return Err(serde::de::Error::duplicate_field("spentNanoUsd"));
                            }
                            spent_nano_usd__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ReservedNanoUsd => {
                            if reserved_nano_usd__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reservedNanoUsd"));
                            }
                            reserved_nano_usd__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::LimitTokens => {
                            if limit_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("limitTokens"));
                            }
                            limit_tokens__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::SpentTokens => {
                            if spent_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("spentTokens"));
                            }
                            spent_tokens__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ReservedTokens => {
                            if reserved_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reservedTokens"));
                            }
                            reserved_tokens__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ResetsAt => {
                            if resets_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("resetsAt"));
                            }
                            resets_at__ = map_.next_value()?;
                        }
                    }
                }
                Ok(BudgetLine {
                    scope: scope__.unwrap_or_default(),
                    value: value__.unwrap_or_default(),
                    window: window__,
                    limit_nano_usd: limit_nano_usd__,
                    spent_nano_usd: spent_nano_usd__.unwrap_or_default(),
                    reserved_nano_usd: reserved_nano_usd__.unwrap_or_default(),
                    limit_tokens: limit_tokens__,
                    spent_tokens: spent_tokens__.unwrap_or_default(),
                    reserved_tokens: reserved_tokens__.unwrap_or_default(),
                    resets_at: resets_at__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.BudgetLine", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Capability {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "CAPABILITY_UNSPECIFIED",
            Self::Tools => "CAPABILITY_TOOLS",
            Self::JsonSchema => "CAPABILITY_JSON_SCHEMA",
            Self::Vision => "CAPABILITY_VISION",
            Self::Reasoning => "CAPABILITY_REASONING",
            Self::Audio => "CAPABILITY_AUDIO",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for Capability {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "CAPABILITY_UNSPECIFIED",
            "CAPABILITY_TOOLS",
            "CAPABILITY_JSON_SCHEMA",
            "CAPABILITY_VISION",
            "CAPABILITY_REASONING",
            "CAPABILITY_AUDIO",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = Capability;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "CAPABILITY_UNSPECIFIED" => Ok(Capability::Unspecified),
                    "CAPABILITY_TOOLS" => Ok(Capability::Tools),
                    "CAPABILITY_JSON_SCHEMA" => Ok(Capability::JsonSchema),
                    "CAPABILITY_VISION" => Ok(Capability::Vision),
                    "CAPABILITY_REASONING" => Ok(Capability::Reasoning),
                    "CAPABILITY_AUDIO" => Ok(Capability::Audio),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Cascade {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.min_confidence.is_some() {
            len += 1;
        }
        if !self.confidence_from.is_empty() {
            len += 1;
        }
        if self.samples != 0 {
            len += 1;
        }
        if self.verifier.is_some() {
            len += 1;
        }
        if self.function.is_some() {
            len += 1;
        }
        if !self.format.is_empty() {
            len += 1;
        }
        if !self.schema_json.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Cascade", len)?;
        if let Some(v) = self.min_confidence.as_ref() {
            struct_ser.serialize_field("minConfidence", v)?;
        }
        if !self.confidence_from.is_empty() {
            struct_ser.serialize_field("confidenceFrom", &self.confidence_from)?;
        }
        if self.samples != 0 {
            struct_ser.serialize_field("samples", &self.samples)?;
        }
        if let Some(v) = self.verifier.as_ref() {
            struct_ser.serialize_field("verifier", v)?;
        }
        if let Some(v) = self.function.as_ref() {
            struct_ser.serialize_field("function", v)?;
        }
        if !self.format.is_empty() {
            struct_ser.serialize_field("format", &self.format)?;
        }
        if !self.schema_json.is_empty() {
            struct_ser.serialize_field("schemaJson", &self.schema_json)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Cascade {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "min_confidence",
            "minConfidence",
            "confidence_from",
            "confidenceFrom",
            "samples",
            "verifier",
            "function",
            "format",
            "schema_json",
            "schemaJson",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            MinConfidence,
            ConfidenceFrom,
            Samples,
            Verifier,
            Function,
            Format,
            SchemaJson,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "minConfidence" | "min_confidence" => Ok(GeneratedField::MinConfidence),
                            "confidenceFrom" | "confidence_from" => Ok(GeneratedField::ConfidenceFrom),
                            "samples" => Ok(GeneratedField::Samples),
                            "verifier" => Ok(GeneratedField::Verifier),
                            "function" => Ok(GeneratedField::Function),
                            "format" => Ok(GeneratedField::Format),
                            "schemaJson" | "schema_json" => Ok(GeneratedField::SchemaJson),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Cascade;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Cascade")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Cascade, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut min_confidence__ = None;
                let mut confidence_from__ = None;
                let mut samples__ = None;
                let mut verifier__ = None;
                let mut function__ = None;
                let mut format__ = None;
                let mut schema_json__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::MinConfidence => {
                            if min_confidence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("minConfidence"));
                            }
                            min_confidence__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::ConfidenceFrom => {
                            if confidence_from__.is_some() {
                                return Err(serde::de::Error::duplicate_field("confidenceFrom"));
                            }
                            confidence_from__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Samples => {
                            if samples__.is_some() {
                                return Err(serde::de::Error::duplicate_field("samples"));
                            }
                            samples__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Verifier => {
                            if verifier__.is_some() {
                                return Err(serde::de::Error::duplicate_field("verifier"));
                            }
                            verifier__ = map_.next_value()?;
                        }
                        GeneratedField::Function => {
                            if function__.is_some() {
                                return Err(serde::de::Error::duplicate_field("function"));
                            }
                            function__ = map_.next_value()?;
                        }
                        GeneratedField::Format => {
                            if format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("format"));
                            }
                            format__ = Some(map_.next_value()?);
                        }
                        GeneratedField::SchemaJson => {
                            if schema_json__.is_some() {
                                return Err(serde::de::Error::duplicate_field("schemaJson"));
                            }
                            schema_json__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Cascade {
                    min_confidence: min_confidence__,
                    confidence_from: confidence_from__.unwrap_or_default(),
                    samples: samples__.unwrap_or_default(),
                    verifier: verifier__,
                    function: function__,
                    format: format__.unwrap_or_default(),
                    schema_json: schema_json__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Cascade", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Change {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.change.is_empty() {
            len += 1;
        }
        if self.size != 0. {
            len += 1;
        }
        if self.outcome != 0 {
            len += 1;
        }
        if self.route.is_some() {
            len += 1;
        }
        if self.model.is_some() {
            len += 1;
        }
        if self.prompt.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Change", len)?;
        if !self.change.is_empty() {
            struct_ser.serialize_field("change", &self.change)?;
        }
        if self.size != 0. {
            struct_ser.serialize_field("size", &self.size)?;
        }
        if self.outcome != 0 {
            let v = Outcome::try_from(self.outcome)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.outcome)))?;
            struct_ser.serialize_field("outcome", &v)?;
        }
        if let Some(v) = self.route.as_ref() {
            struct_ser.serialize_field("route", v)?;
        }
        if let Some(v) = self.model.as_ref() {
            struct_ser.serialize_field("model", v)?;
        }
        if let Some(v) = self.prompt.as_ref() {
            struct_ser.serialize_field("prompt", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Change {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "change",
            "size",
            "outcome",
            "route",
            "model",
            "prompt",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Change,
            Size,
            Outcome,
            Route,
            Model,
            Prompt,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "change" => Ok(GeneratedField::Change),
                            "size" => Ok(GeneratedField::Size),
                            "outcome" => Ok(GeneratedField::Outcome),
                            "route" => Ok(GeneratedField::Route),
                            "model" => Ok(GeneratedField::Model),
                            "prompt" => Ok(GeneratedField::Prompt),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Change;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Change")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Change, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut change__ = None;
                let mut size__ = None;
                let mut outcome__ = None;
                let mut route__ = None;
                let mut model__ = None;
                let mut prompt__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Change => {
                            if change__.is_some() {
                                return Err(serde::de::Error::duplicate_field("change"));
                            }
                            change__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Size => {
                            if size__.is_some() {
                                return Err(serde::de::Error::duplicate_field("size"));
                            }
                            size__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Outcome => {
                            if outcome__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outcome"));
                            }
                            outcome__ = Some(map_.next_value::<Outcome>()? as i32);
                        }
                        GeneratedField::Route => {
                            if route__.is_some() {
                                return Err(serde::de::Error::duplicate_field("route"));
                            }
                            route__ = map_.next_value()?;
                        }
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = map_.next_value()?;
                        }
                        GeneratedField::Prompt => {
                            if prompt__.is_some() {
                                return Err(serde::de::Error::duplicate_field("prompt"));
                            }
                            prompt__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Change {
                    change: change__.unwrap_or_default(),
                    size: size__.unwrap_or_default(),
                    outcome: outcome__.unwrap_or_default(),
                    route: route__,
                    model: model__,
                    prompt: prompt__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Change", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ConfigFormat {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "CONFIG_FORMAT_UNSPECIFIED",
            Self::Yaml => "CONFIG_FORMAT_YAML",
            Self::Toml => "CONFIG_FORMAT_TOML",
            Self::Json => "CONFIG_FORMAT_JSON",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for ConfigFormat {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "CONFIG_FORMAT_UNSPECIFIED",
            "CONFIG_FORMAT_YAML",
            "CONFIG_FORMAT_TOML",
            "CONFIG_FORMAT_JSON",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = ConfigFormat;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "CONFIG_FORMAT_UNSPECIFIED" => Ok(ConfigFormat::Unspecified),
                    "CONFIG_FORMAT_YAML" => Ok(ConfigFormat::Yaml),
                    "CONFIG_FORMAT_TOML" => Ok(ConfigFormat::Toml),
                    "CONFIG_FORMAT_JSON" => Ok(ConfigFormat::Json),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for ConfigIssue {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.code.is_empty() {
            len += 1;
        }
        if self.severity != 0 {
            len += 1;
        }
        if !self.message.is_empty() {
            len += 1;
        }
        if !self.file.is_empty() {
            len += 1;
        }
        if self.line != 0 {
            len += 1;
        }
        if self.column != 0 {
            len += 1;
        }
        if !self.path.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ConfigIssue", len)?;
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        if self.severity != 0 {
            let v = Severity::try_from(self.severity)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.severity)))?;
            struct_ser.serialize_field("severity", &v)?;
        }
        if !self.message.is_empty() {
            struct_ser.serialize_field("message", &self.message)?;
        }
        if !self.file.is_empty() {
            struct_ser.serialize_field("file", &self.file)?;
        }
        if self.line != 0 {
            struct_ser.serialize_field("line", &self.line)?;
        }
        if self.column != 0 {
            struct_ser.serialize_field("column", &self.column)?;
        }
        if !self.path.is_empty() {
            struct_ser.serialize_field("path", &self.path)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ConfigIssue {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "code",
            "severity",
            "message",
            "file",
            "line",
            "column",
            "path",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Code,
            Severity,
            Message,
            File,
            Line,
            Column,
            Path,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "code" => Ok(GeneratedField::Code),
                            "severity" => Ok(GeneratedField::Severity),
                            "message" => Ok(GeneratedField::Message),
                            "file" => Ok(GeneratedField::File),
                            "line" => Ok(GeneratedField::Line),
                            "column" => Ok(GeneratedField::Column),
                            "path" => Ok(GeneratedField::Path),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ConfigIssue;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ConfigIssue")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ConfigIssue, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut code__ = None;
                let mut severity__ = None;
                let mut message__ = None;
                let mut file__ = None;
                let mut line__ = None;
                let mut column__ = None;
                let mut path__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Severity => {
                            if severity__.is_some() {
                                return Err(serde::de::Error::duplicate_field("severity"));
                            }
                            severity__ = Some(map_.next_value::<Severity>()? as i32);
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = Some(map_.next_value()?);
                        }
                        GeneratedField::File => {
                            if file__.is_some() {
                                return Err(serde::de::Error::duplicate_field("file"));
                            }
                            file__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Line => {
                            if line__.is_some() {
                                return Err(serde::de::Error::duplicate_field("line"));
                            }
                            line__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Column => {
                            if column__.is_some() {
                                return Err(serde::de::Error::duplicate_field("column"));
                            }
                            column__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Path => {
                            if path__.is_some() {
                                return Err(serde::de::Error::duplicate_field("path"));
                            }
                            path__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ConfigIssue {
                    code: code__.unwrap_or_default(),
                    severity: severity__.unwrap_or_default(),
                    message: message__.unwrap_or_default(),
                    file: file__.unwrap_or_default(),
                    line: line__.unwrap_or_default(),
                    column: column__.unwrap_or_default(),
                    path: path__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ConfigIssue", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Decision {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if self.outcome != 0 {
            len += 1;
        }
        if !self.revision.is_empty() {
            len += 1;
        }
        if self.route.is_some() {
            len += 1;
        }
        if self.route_confidence.is_some() {
            len += 1;
        }
        if self.model.is_some() {
            len += 1;
        }
        if !self.fallbacks.is_empty() {
            len += 1;
        }
        if self.prompt.is_some() {
            len += 1;
        }
        if self.reason.is_some() {
            len += 1;
        }
        if self.rule.is_some() {
            len += 1;
        }
        if self.message.is_some() {
            len += 1;
        }
        if self.difficulty != 0. {
            len += 1;
        }
        if self.reasoning {
            len += 1;
        }
        if self.retrieval.is_some() {
            len += 1;
        }
        if self.agent.is_some() {
            len += 1;
        }
        if !self.deployments.is_empty() {
            len += 1;
        }
        if self.estimates.is_some() {
            len += 1;
        }
        if !self.missing.is_empty() {
            len += 1;
        }
        if !self.notes.is_empty() {
            len += 1;
        }
        if !self.messages.is_empty() {
            len += 1;
        }
        if !self.report_token.is_empty() {
            len += 1;
        }
        if self.session.is_some() {
            len += 1;
        }
        if self.cascade.is_some() {
            len += 1;
        }
        if self.too_long.is_some() {
            len += 1;
        }
        if self.escalations != 0 {
            len += 1;
        }
        if self.next_on_content_refused {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Decision", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if self.outcome != 0 {
            let v = Outcome::try_from(self.outcome)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.outcome)))?;
            struct_ser.serialize_field("outcome", &v)?;
        }
        if !self.revision.is_empty() {
            struct_ser.serialize_field("revision", &self.revision)?;
        }
        if let Some(v) = self.route.as_ref() {
            struct_ser.serialize_field("route", v)?;
        }
        if let Some(v) = self.route_confidence.as_ref() {
            struct_ser.serialize_field("routeConfidence", v)?;
        }
        if let Some(v) = self.model.as_ref() {
            struct_ser.serialize_field("model", v)?;
        }
        if !self.fallbacks.is_empty() {
            struct_ser.serialize_field("fallbacks", &self.fallbacks)?;
        }
        if let Some(v) = self.prompt.as_ref() {
            struct_ser.serialize_field("prompt", v)?;
        }
        if let Some(v) = self.reason.as_ref() {
            struct_ser.serialize_field("reason", v)?;
        }
        if let Some(v) = self.rule.as_ref() {
            struct_ser.serialize_field("rule", v)?;
        }
        if let Some(v) = self.message.as_ref() {
            struct_ser.serialize_field("message", v)?;
        }
        if self.difficulty != 0. {
            struct_ser.serialize_field("difficulty", &self.difficulty)?;
        }
        if self.reasoning {
            struct_ser.serialize_field("reasoning", &self.reasoning)?;
        }
        if let Some(v) = self.retrieval.as_ref() {
            struct_ser.serialize_field("retrieval", v)?;
        }
        if let Some(v) = self.agent.as_ref() {
            struct_ser.serialize_field("agent", v)?;
        }
        if !self.deployments.is_empty() {
            struct_ser.serialize_field("deployments", &self.deployments)?;
        }
        if let Some(v) = self.estimates.as_ref() {
            struct_ser.serialize_field("estimates", v)?;
        }
        if !self.missing.is_empty() {
            struct_ser.serialize_field("missing", &self.missing)?;
        }
        if !self.notes.is_empty() {
            struct_ser.serialize_field("notes", &self.notes)?;
        }
        if !self.messages.is_empty() {
            struct_ser.serialize_field("messages", &self.messages)?;
        }
        if !self.report_token.is_empty() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("reportToken", pbjson::private::base64::encode(&self.report_token).as_str())?;
        }
        if let Some(v) = self.session.as_ref() {
            struct_ser.serialize_field("session", v)?;
        }
        if let Some(v) = self.cascade.as_ref() {
            struct_ser.serialize_field("cascade", v)?;
        }
        if let Some(v) = self.too_long.as_ref() {
            struct_ser.serialize_field("tooLong", v)?;
        }
        if self.escalations != 0 {
            struct_ser.serialize_field("escalations", &self.escalations)?;
        }
        if self.next_on_content_refused {
            struct_ser.serialize_field("nextOnContentRefused", &self.next_on_content_refused)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Decision {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "outcome",
            "revision",
            "route",
            "route_confidence",
            "routeConfidence",
            "model",
            "fallbacks",
            "prompt",
            "reason",
            "rule",
            "message",
            "difficulty",
            "reasoning",
            "retrieval",
            "agent",
            "deployments",
            "estimates",
            "missing",
            "notes",
            "messages",
            "report_token",
            "reportToken",
            "session",
            "cascade",
            "too_long",
            "tooLong",
            "escalations",
            "next_on_content_refused",
            "nextOnContentRefused",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            Outcome,
            Revision,
            Route,
            RouteConfidence,
            Model,
            Fallbacks,
            Prompt,
            Reason,
            Rule,
            Message,
            Difficulty,
            Reasoning,
            Retrieval,
            Agent,
            Deployments,
            Estimates,
            Missing,
            Notes,
            Messages,
            ReportToken,
            Session,
            Cascade,
            TooLong,
            Escalations,
            NextOnContentRefused,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "outcome" => Ok(GeneratedField::Outcome),
                            "revision" => Ok(GeneratedField::Revision),
                            "route" => Ok(GeneratedField::Route),
                            "routeConfidence" | "route_confidence" => Ok(GeneratedField::RouteConfidence),
                            "model" => Ok(GeneratedField::Model),
                            "fallbacks" => Ok(GeneratedField::Fallbacks),
                            "prompt" => Ok(GeneratedField::Prompt),
                            "reason" => Ok(GeneratedField::Reason),
                            "rule" => Ok(GeneratedField::Rule),
                            "message" => Ok(GeneratedField::Message),
                            "difficulty" => Ok(GeneratedField::Difficulty),
                            "reasoning" => Ok(GeneratedField::Reasoning),
                            "retrieval" => Ok(GeneratedField::Retrieval),
                            "agent" => Ok(GeneratedField::Agent),
                            "deployments" => Ok(GeneratedField::Deployments),
                            "estimates" => Ok(GeneratedField::Estimates),
                            "missing" => Ok(GeneratedField::Missing),
                            "notes" => Ok(GeneratedField::Notes),
                            "messages" => Ok(GeneratedField::Messages),
                            "reportToken" | "report_token" => Ok(GeneratedField::ReportToken),
                            "session" => Ok(GeneratedField::Session),
                            "cascade" => Ok(GeneratedField::Cascade),
                            "tooLong" | "too_long" => Ok(GeneratedField::TooLong),
                            "escalations" => Ok(GeneratedField::Escalations),
                            "nextOnContentRefused" | "next_on_content_refused" => Ok(GeneratedField::NextOnContentRefused),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Decision;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Decision")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Decision, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut outcome__ = None;
                let mut revision__ = None;
                let mut route__ = None;
                let mut route_confidence__ = None;
                let mut model__ = None;
                let mut fallbacks__ = None;
                let mut prompt__ = None;
                let mut reason__ = None;
                let mut rule__ = None;
                let mut message__ = None;
                let mut difficulty__ = None;
                let mut reasoning__ = None;
                let mut retrieval__ = None;
                let mut agent__ = None;
                let mut deployments__ = None;
                let mut estimates__ = None;
                let mut missing__ = None;
                let mut notes__ = None;
                let mut messages__ = None;
                let mut report_token__ = None;
                let mut session__ = None;
                let mut cascade__ = None;
                let mut too_long__ = None;
                let mut escalations__ = None;
                let mut next_on_content_refused__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Outcome => {
                            if outcome__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outcome"));
                            }
                            outcome__ = Some(map_.next_value::<Outcome>()? as i32);
                        }
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Route => {
                            if route__.is_some() {
                                return Err(serde::de::Error::duplicate_field("route"));
                            }
                            route__ = map_.next_value()?;
                        }
                        GeneratedField::RouteConfidence => {
                            if route_confidence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("routeConfidence"));
                            }
                            route_confidence__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = map_.next_value()?;
                        }
                        GeneratedField::Fallbacks => {
                            if fallbacks__.is_some() {
                                return Err(serde::de::Error::duplicate_field("fallbacks"));
                            }
                            fallbacks__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Prompt => {
                            if prompt__.is_some() {
                                return Err(serde::de::Error::duplicate_field("prompt"));
                            }
                            prompt__ = map_.next_value()?;
                        }
                        GeneratedField::Reason => {
                            if reason__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reason"));
                            }
                            reason__ = map_.next_value()?;
                        }
                        GeneratedField::Rule => {
                            if rule__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rule"));
                            }
                            rule__ = map_.next_value()?;
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = map_.next_value()?;
                        }
                        GeneratedField::Difficulty => {
                            if difficulty__.is_some() {
                                return Err(serde::de::Error::duplicate_field("difficulty"));
                            }
                            difficulty__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Reasoning => {
                            if reasoning__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reasoning"));
                            }
                            reasoning__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Retrieval => {
                            if retrieval__.is_some() {
                                return Err(serde::de::Error::duplicate_field("retrieval"));
                            }
                            retrieval__ = map_.next_value()?;
                        }
                        GeneratedField::Agent => {
                            if agent__.is_some() {
                                return Err(serde::de::Error::duplicate_field("agent"));
                            }
                            agent__ = map_.next_value()?;
                        }
                        GeneratedField::Deployments => {
                            if deployments__.is_some() {
                                return Err(serde::de::Error::duplicate_field("deployments"));
                            }
                            deployments__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Estimates => {
                            if estimates__.is_some() {
                                return Err(serde::de::Error::duplicate_field("estimates"));
                            }
                            estimates__ = map_.next_value()?;
                        }
                        GeneratedField::Missing => {
                            if missing__.is_some() {
                                return Err(serde::de::Error::duplicate_field("missing"));
                            }
                            missing__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Notes => {
                            if notes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("notes"));
                            }
                            notes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Messages => {
                            if messages__.is_some() {
                                return Err(serde::de::Error::duplicate_field("messages"));
                            }
                            messages__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ReportToken => {
                            if report_token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reportToken"));
                            }
                            report_token__ = 
                                Some(map_.next_value::<::pbjson::private::BytesDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Session => {
                            if session__.is_some() {
                                return Err(serde::de::Error::duplicate_field("session"));
                            }
                            session__ = map_.next_value()?;
                        }
                        GeneratedField::Cascade => {
                            if cascade__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cascade"));
                            }
                            cascade__ = map_.next_value()?;
                        }
                        GeneratedField::TooLong => {
                            if too_long__.is_some() {
                                return Err(serde::de::Error::duplicate_field("tooLong"));
                            }
                            too_long__ = map_.next_value()?;
                        }
                        GeneratedField::Escalations => {
                            if escalations__.is_some() {
                                return Err(serde::de::Error::duplicate_field("escalations"));
                            }
                            escalations__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::NextOnContentRefused => {
                            if next_on_content_refused__.is_some() {
                                return Err(serde::de::Error::duplicate_field("nextOnContentRefused"));
                            }
                            next_on_content_refused__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Decision {
                    id: id__.unwrap_or_default(),
                    outcome: outcome__.unwrap_or_default(),
                    revision: revision__.unwrap_or_default(),
                    route: route__,
                    route_confidence: route_confidence__,
                    model: model__,
                    fallbacks: fallbacks__.unwrap_or_default(),
                    prompt: prompt__,
                    reason: reason__,
                    rule: rule__,
                    message: message__,
                    difficulty: difficulty__.unwrap_or_default(),
                    reasoning: reasoning__.unwrap_or_default(),
                    retrieval: retrieval__,
                    agent: agent__,
                    deployments: deployments__.unwrap_or_default(),
                    estimates: estimates__,
                    missing: missing__.unwrap_or_default(),
                    notes: notes__.unwrap_or_default(),
                    messages: messages__.unwrap_or_default(),
                    report_token: report_token__.unwrap_or_default(),
                    session: session__,
                    cascade: cascade__,
                    too_long: too_long__,
                    escalations: escalations__.unwrap_or_default(),
                    next_on_content_refused: next_on_content_refused__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Decision", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for DecisionView {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "DECISION_VIEW_UNSPECIFIED",
            Self::Basic => "DECISION_VIEW_BASIC",
            Self::Full => "DECISION_VIEW_FULL",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for DecisionView {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "DECISION_VIEW_UNSPECIFIED",
            "DECISION_VIEW_BASIC",
            "DECISION_VIEW_FULL",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = DecisionView;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "DECISION_VIEW_UNSPECIFIED" => Ok(DecisionView::Unspecified),
                    "DECISION_VIEW_BASIC" => Ok(DecisionView::Basic),
                    "DECISION_VIEW_FULL" => Ok(DecisionView::Full),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Deployment {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.provider.is_empty() {
            len += 1;
        }
        if self.kind != 0 {
            len += 1;
        }
        if self.base_url.is_some() {
            len += 1;
        }
        if !self.model.is_empty() {
            len += 1;
        }
        if self.region.is_some() {
            len += 1;
        }
        if self.credential.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Deployment", len)?;
        if !self.provider.is_empty() {
            struct_ser.serialize_field("provider", &self.provider)?;
        }
        if self.kind != 0 {
            let v = ProviderKind::try_from(self.kind)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.kind)))?;
            struct_ser.serialize_field("kind", &v)?;
        }
        if let Some(v) = self.base_url.as_ref() {
            struct_ser.serialize_field("baseUrl", v)?;
        }
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if let Some(v) = self.region.as_ref() {
            struct_ser.serialize_field("region", v)?;
        }
        if let Some(v) = self.credential.as_ref() {
            struct_ser.serialize_field("credential", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Deployment {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "provider",
            "kind",
            "base_url",
            "baseUrl",
            "model",
            "region",
            "credential",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Provider,
            Kind,
            BaseUrl,
            Model,
            Region,
            Credential,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "provider" => Ok(GeneratedField::Provider),
                            "kind" => Ok(GeneratedField::Kind),
                            "baseUrl" | "base_url" => Ok(GeneratedField::BaseUrl),
                            "model" => Ok(GeneratedField::Model),
                            "region" => Ok(GeneratedField::Region),
                            "credential" => Ok(GeneratedField::Credential),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Deployment;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Deployment")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Deployment, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut provider__ = None;
                let mut kind__ = None;
                let mut base_url__ = None;
                let mut model__ = None;
                let mut region__ = None;
                let mut credential__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Provider => {
                            if provider__.is_some() {
                                return Err(serde::de::Error::duplicate_field("provider"));
                            }
                            provider__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value::<ProviderKind>()? as i32);
                        }
                        GeneratedField::BaseUrl => {
                            if base_url__.is_some() {
                                return Err(serde::de::Error::duplicate_field("baseUrl"));
                            }
                            base_url__ = map_.next_value()?;
                        }
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Region => {
                            if region__.is_some() {
                                return Err(serde::de::Error::duplicate_field("region"));
                            }
                            region__ = map_.next_value()?;
                        }
                        GeneratedField::Credential => {
                            if credential__.is_some() {
                                return Err(serde::de::Error::duplicate_field("credential"));
                            }
                            credential__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Deployment {
                    provider: provider__.unwrap_or_default(),
                    kind: kind__.unwrap_or_default(),
                    base_url: base_url__,
                    model: model__.unwrap_or_default(),
                    region: region__,
                    credential: credential__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Deployment", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Error {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.code.is_empty() {
            len += 1;
        }
        if !self.message.is_empty() {
            len += 1;
        }
        if self.status != 0 {
            len += 1;
        }
        if !self.field.is_empty() {
            len += 1;
        }
        if self.retry_after.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Error", len)?;
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        if !self.message.is_empty() {
            struct_ser.serialize_field("message", &self.message)?;
        }
        if self.status != 0 {
            struct_ser.serialize_field("status", &self.status)?;
        }
        if !self.field.is_empty() {
            struct_ser.serialize_field("field", &self.field)?;
        }
        if let Some(v) = self.retry_after.as_ref() {
            struct_ser.serialize_field("retryAfter", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Error {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "code",
            "message",
            "status",
            "field",
            "retry_after",
            "retryAfter",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Code,
            Message,
            Status,
            Field,
            RetryAfter,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "code" => Ok(GeneratedField::Code),
                            "message" => Ok(GeneratedField::Message),
                            "status" => Ok(GeneratedField::Status),
                            "field" => Ok(GeneratedField::Field),
                            "retryAfter" | "retry_after" => Ok(GeneratedField::RetryAfter),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Error;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Error")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Error, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut code__ = None;
                let mut message__ = None;
                let mut status__ = None;
                let mut field__ = None;
                let mut retry_after__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Status => {
                            if status__.is_some() {
                                return Err(serde::de::Error::duplicate_field("status"));
                            }
                            status__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Field => {
                            if field__.is_some() {
                                return Err(serde::de::Error::duplicate_field("field"));
                            }
                            field__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RetryAfter => {
                            if retry_after__.is_some() {
                                return Err(serde::de::Error::duplicate_field("retryAfter"));
                            }
                            retry_after__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Error {
                    code: code__.unwrap_or_default(),
                    message: message__.unwrap_or_default(),
                    status: status__.unwrap_or_default(),
                    field: field__.unwrap_or_default(),
                    retry_after: retry_after__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Error", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Estimates {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.input_tokens != 0 {
            len += 1;
        }
        if self.output_tokens != 0 {
            len += 1;
        }
        if self.cost_nano_usd != 0 {
            len += 1;
        }
        if self.latency.is_some() {
            len += 1;
        }
        if self.quality != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Estimates", len)?;
        if self.input_tokens != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("inputTokens", ToString::to_string(&self.input_tokens).as_str())?;
        }
        if self.output_tokens != 0 {
            struct_ser.serialize_field("outputTokens", &self.output_tokens)?;
        }
        if self.cost_nano_usd != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("costNanoUsd", ToString::to_string(&self.cost_nano_usd).as_str())?;
        }
        if let Some(v) = self.latency.as_ref() {
            struct_ser.serialize_field("latency", v)?;
        }
        if self.quality != 0. {
            struct_ser.serialize_field("quality", &self.quality)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Estimates {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "input_tokens",
            "inputTokens",
            "output_tokens",
            "outputTokens",
            "cost_nano_usd",
            "costNanoUsd",
            "latency",
            "quality",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            InputTokens,
            OutputTokens,
            CostNanoUsd,
            Latency,
            Quality,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "inputTokens" | "input_tokens" => Ok(GeneratedField::InputTokens),
                            "outputTokens" | "output_tokens" => Ok(GeneratedField::OutputTokens),
                            "costNanoUsd" | "cost_nano_usd" => Ok(GeneratedField::CostNanoUsd),
                            "latency" => Ok(GeneratedField::Latency),
                            "quality" => Ok(GeneratedField::Quality),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Estimates;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Estimates")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Estimates, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut input_tokens__ = None;
                let mut output_tokens__ = None;
                let mut cost_nano_usd__ = None;
                let mut latency__ = None;
                let mut quality__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::InputTokens => {
                            if input_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("inputTokens"));
                            }
                            input_tokens__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::OutputTokens => {
                            if output_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outputTokens"));
                            }
                            output_tokens__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::CostNanoUsd => {
                            if cost_nano_usd__.is_some() {
                                return Err(serde::de::Error::duplicate_field("costNanoUsd"));
                            }
                            cost_nano_usd__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Latency => {
                            if latency__.is_some() {
                                return Err(serde::de::Error::duplicate_field("latency"));
                            }
                            latency__ = map_.next_value()?;
                        }
                        GeneratedField::Quality => {
                            if quality__.is_some() {
                                return Err(serde::de::Error::duplicate_field("quality"));
                            }
                            quality__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Estimates {
                    input_tokens: input_tokens__.unwrap_or_default(),
                    output_tokens: output_tokens__.unwrap_or_default(),
                    cost_nano_usd: cost_nano_usd__.unwrap_or_default(),
                    latency: latency__,
                    quality: quality__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Estimates", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ExampleLine {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.route.is_empty() {
            len += 1;
        }
        if !self.example.is_empty() {
            len += 1;
        }
        if self.similarity != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ExampleLine", len)?;
        if !self.route.is_empty() {
            struct_ser.serialize_field("route", &self.route)?;
        }
        if !self.example.is_empty() {
            struct_ser.serialize_field("example", &self.example)?;
        }
        if self.similarity != 0. {
            struct_ser.serialize_field("similarity", &self.similarity)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ExampleLine {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "route",
            "example",
            "similarity",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Route,
            Example,
            Similarity,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "route" => Ok(GeneratedField::Route),
                            "example" => Ok(GeneratedField::Example),
                            "similarity" => Ok(GeneratedField::Similarity),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ExampleLine;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ExampleLine")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ExampleLine, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut route__ = None;
                let mut example__ = None;
                let mut similarity__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Route => {
                            if route__.is_some() {
                                return Err(serde::de::Error::duplicate_field("route"));
                            }
                            route__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Example => {
                            if example__.is_some() {
                                return Err(serde::de::Error::duplicate_field("example"));
                            }
                            example__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Similarity => {
                            if similarity__.is_some() {
                                return Err(serde::de::Error::duplicate_field("similarity"));
                            }
                            similarity__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(ExampleLine {
                    route: route__.unwrap_or_default(),
                    example: example__.unwrap_or_default(),
                    similarity: similarity__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ExampleLine", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ExplainRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.request.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ExplainRequest", len)?;
        if let Some(v) = self.request.as_ref() {
            struct_ser.serialize_field("request", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ExplainRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "request",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Request,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "request" => Ok(GeneratedField::Request),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ExplainRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ExplainRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ExplainRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut request__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Request => {
                            if request__.is_some() {
                                return Err(serde::de::Error::duplicate_field("request"));
                            }
                            request__ = map_.next_value()?;
                        }
                    }
                }
                Ok(ExplainRequest {
                    request: request__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ExplainRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ExplainResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.explanation.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ExplainResponse", len)?;
        if let Some(v) = self.explanation.as_ref() {
            struct_ser.serialize_field("explanation", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ExplainResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "explanation",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Explanation,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "explanation" => Ok(GeneratedField::Explanation),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ExplainResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ExplainResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ExplainResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut explanation__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Explanation => {
                            if explanation__.is_some() {
                                return Err(serde::de::Error::duplicate_field("explanation"));
                            }
                            explanation__ = map_.next_value()?;
                        }
                    }
                }
                Ok(ExplainResponse {
                    explanation: explanation__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ExplainResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Explanation {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.decision.is_some() {
            len += 1;
        }
        if !self.stages.is_empty() {
            len += 1;
        }
        if !self.signals.is_empty() {
            len += 1;
        }
        if !self.rules.is_empty() {
            len += 1;
        }
        if self.similarity.is_some() {
            len += 1;
        }
        if !self.models.is_empty() {
            len += 1;
        }
        if !self.nearly.is_empty() {
            len += 1;
        }
        if !self.changes.is_empty() {
            len += 1;
        }
        if !self.text.is_empty() {
            len += 1;
        }
        if !self.json.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Explanation", len)?;
        if let Some(v) = self.decision.as_ref() {
            struct_ser.serialize_field("decision", v)?;
        }
        if !self.stages.is_empty() {
            struct_ser.serialize_field("stages", &self.stages)?;
        }
        if !self.signals.is_empty() {
            struct_ser.serialize_field("signals", &self.signals)?;
        }
        if !self.rules.is_empty() {
            struct_ser.serialize_field("rules", &self.rules)?;
        }
        if let Some(v) = self.similarity.as_ref() {
            struct_ser.serialize_field("similarity", v)?;
        }
        if !self.models.is_empty() {
            struct_ser.serialize_field("models", &self.models)?;
        }
        if !self.nearly.is_empty() {
            struct_ser.serialize_field("nearly", &self.nearly)?;
        }
        if !self.changes.is_empty() {
            struct_ser.serialize_field("changes", &self.changes)?;
        }
        if !self.text.is_empty() {
            struct_ser.serialize_field("text", &self.text)?;
        }
        if !self.json.is_empty() {
            struct_ser.serialize_field("json", &self.json)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Explanation {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "decision",
            "stages",
            "signals",
            "rules",
            "similarity",
            "models",
            "nearly",
            "changes",
            "text",
            "json",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Decision,
            Stages,
            Signals,
            Rules,
            Similarity,
            Models,
            Nearly,
            Changes,
            Text,
            Json,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "decision" => Ok(GeneratedField::Decision),
                            "stages" => Ok(GeneratedField::Stages),
                            "signals" => Ok(GeneratedField::Signals),
                            "rules" => Ok(GeneratedField::Rules),
                            "similarity" => Ok(GeneratedField::Similarity),
                            "models" => Ok(GeneratedField::Models),
                            "nearly" => Ok(GeneratedField::Nearly),
                            "changes" => Ok(GeneratedField::Changes),
                            "text" => Ok(GeneratedField::Text),
                            "json" => Ok(GeneratedField::Json),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Explanation;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Explanation")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Explanation, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut decision__ = None;
                let mut stages__ = None;
                let mut signals__ = None;
                let mut rules__ = None;
                let mut similarity__ = None;
                let mut models__ = None;
                let mut nearly__ = None;
                let mut changes__ = None;
                let mut text__ = None;
                let mut json__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Decision => {
                            if decision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("decision"));
                            }
                            decision__ = map_.next_value()?;
                        }
                        GeneratedField::Stages => {
                            if stages__.is_some() {
                                return Err(serde::de::Error::duplicate_field("stages"));
                            }
                            stages__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Signals => {
                            if signals__.is_some() {
                                return Err(serde::de::Error::duplicate_field("signals"));
                            }
                            signals__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Rules => {
                            if rules__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rules"));
                            }
                            rules__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Similarity => {
                            if similarity__.is_some() {
                                return Err(serde::de::Error::duplicate_field("similarity"));
                            }
                            similarity__ = map_.next_value()?;
                        }
                        GeneratedField::Models => {
                            if models__.is_some() {
                                return Err(serde::de::Error::duplicate_field("models"));
                            }
                            models__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Nearly => {
                            if nearly__.is_some() {
                                return Err(serde::de::Error::duplicate_field("nearly"));
                            }
                            nearly__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Changes => {
                            if changes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("changes"));
                            }
                            changes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Text => {
                            if text__.is_some() {
                                return Err(serde::de::Error::duplicate_field("text"));
                            }
                            text__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Json => {
                            if json__.is_some() {
                                return Err(serde::de::Error::duplicate_field("json"));
                            }
                            json__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Explanation {
                    decision: decision__,
                    stages: stages__.unwrap_or_default(),
                    signals: signals__.unwrap_or_default(),
                    rules: rules__.unwrap_or_default(),
                    similarity: similarity__,
                    models: models__.unwrap_or_default(),
                    nearly: nearly__.unwrap_or_default(),
                    changes: changes__.unwrap_or_default(),
                    text: text__.unwrap_or_default(),
                    json: json__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Explanation", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Feedback {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.kind.is_empty() {
            len += 1;
        }
        if self.score != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Feedback", len)?;
        if !self.kind.is_empty() {
            struct_ser.serialize_field("kind", &self.kind)?;
        }
        if self.score != 0. {
            struct_ser.serialize_field("score", &self.score)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Feedback {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "kind",
            "score",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Kind,
            Score,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "kind" => Ok(GeneratedField::Kind),
                            "score" => Ok(GeneratedField::Score),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Feedback;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Feedback")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Feedback, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut kind__ = None;
                let mut score__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Kind => {
                            if kind__.is_some() {
                                return Err(serde::de::Error::duplicate_field("kind"));
                            }
                            kind__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Score => {
                            if score__.is_some() {
                                return Err(serde::de::Error::duplicate_field("score"));
                            }
                            score__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Feedback {
                    kind: kind__.unwrap_or_default(),
                    score: score__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Feedback", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ForceHealthRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.target.is_empty() {
            len += 1;
        }
        if self.forced != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ForceHealthRequest", len)?;
        if !self.target.is_empty() {
            struct_ser.serialize_field("target", &self.target)?;
        }
        if self.forced != 0 {
            let v = ForcedHealth::try_from(self.forced)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.forced)))?;
            struct_ser.serialize_field("forced", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ForceHealthRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "target",
            "forced",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Target,
            Forced,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "target" => Ok(GeneratedField::Target),
                            "forced" => Ok(GeneratedField::Forced),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ForceHealthRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ForceHealthRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ForceHealthRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut target__ = None;
                let mut forced__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Target => {
                            if target__.is_some() {
                                return Err(serde::de::Error::duplicate_field("target"));
                            }
                            target__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Forced => {
                            if forced__.is_some() {
                                return Err(serde::de::Error::duplicate_field("forced"));
                            }
                            forced__ = Some(map_.next_value::<ForcedHealth>()? as i32);
                        }
                    }
                }
                Ok(ForceHealthRequest {
                    target: target__.unwrap_or_default(),
                    forced: forced__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ForceHealthRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ForceHealthResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("fastroute.v1.ForceHealthResponse", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ForceHealthResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Err(serde::de::Error::unknown_field(value, FIELDS))
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ForceHealthResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ForceHealthResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ForceHealthResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(ForceHealthResponse {
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ForceHealthResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ForcedHealth {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "FORCED_HEALTH_UNSPECIFIED",
            Self::Reset => "FORCED_HEALTH_RESET",
            Self::Open => "FORCED_HEALTH_OPEN",
            Self::Closed => "FORCED_HEALTH_CLOSED",
            Self::Disabled => "FORCED_HEALTH_DISABLED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for ForcedHealth {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "FORCED_HEALTH_UNSPECIFIED",
            "FORCED_HEALTH_RESET",
            "FORCED_HEALTH_OPEN",
            "FORCED_HEALTH_CLOSED",
            "FORCED_HEALTH_DISABLED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = ForcedHealth;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "FORCED_HEALTH_UNSPECIFIED" => Ok(ForcedHealth::Unspecified),
                    "FORCED_HEALTH_RESET" => Ok(ForcedHealth::Reset),
                    "FORCED_HEALTH_OPEN" => Ok(ForcedHealth::Open),
                    "FORCED_HEALTH_CLOSED" => Ok(ForcedHealth::Closed),
                    "FORCED_HEALTH_DISABLED" => Ok(ForcedHealth::Disabled),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for GetStatusRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("fastroute.v1.GetStatusRequest", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for GetStatusRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Err(serde::de::Error::unknown_field(value, FIELDS))
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = GetStatusRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.GetStatusRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<GetStatusRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(GetStatusRequest {
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.GetStatusRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for GetStatusResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.version.is_empty() {
            len += 1;
        }
        if !self.revision.is_empty() {
            len += 1;
        }
        if self.active_since.is_some() {
            len += 1;
        }
        if self.cause != 0 {
            len += 1;
        }
        if self.uptime.is_some() {
            len += 1;
        }
        if self.sizes.is_some() {
            len += 1;
        }
        if self.last_refused.is_some() {
            len += 1;
        }
        if self.stale_since.is_some() {
            len += 1;
        }
        if !self.warnings.is_empty() {
            len += 1;
        }
        if self.activations != 0 {
            len += 1;
        }
        if self.refusals != 0 {
            len += 1;
        }
        if self.in_flight != 0 {
            len += 1;
        }
        if self.connections != 0 {
            len += 1;
        }
        if self.resident_bytes != 0 {
            len += 1;
        }
        if self.is_draining {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.GetStatusResponse", len)?;
        if !self.version.is_empty() {
            struct_ser.serialize_field("version", &self.version)?;
        }
        if !self.revision.is_empty() {
            struct_ser.serialize_field("revision", &self.revision)?;
        }
        if let Some(v) = self.active_since.as_ref() {
            struct_ser.serialize_field("activeSince", v)?;
        }
        if self.cause != 0 {
            let v = ActivationCause::try_from(self.cause)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.cause)))?;
            struct_ser.serialize_field("cause", &v)?;
        }
        if let Some(v) = self.uptime.as_ref() {
            struct_ser.serialize_field("uptime", v)?;
        }
        if let Some(v) = self.sizes.as_ref() {
            struct_ser.serialize_field("sizes", v)?;
        }
        if let Some(v) = self.last_refused.as_ref() {
            struct_ser.serialize_field("lastRefused", v)?;
        }
        if let Some(v) = self.stale_since.as_ref() {
            struct_ser.serialize_field("staleSince", v)?;
        }
        if !self.warnings.is_empty() {
            struct_ser.serialize_field("warnings", &self.warnings)?;
        }
        if self.activations != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("activations", ToString::to_string(&self.activations).as_str())?;
        }
        if self.refusals != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("refusals", ToString::to_string(&self.refusals).as_str())?;
        }
        if self.in_flight != 0 {
            struct_ser.serialize_field("inFlight", &self.in_flight)?;
        }
        if self.connections != 0 {
            struct_ser.serialize_field("connections", &self.connections)?;
        }
        if self.resident_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("residentBytes", ToString::to_string(&self.resident_bytes).as_str())?;
        }
        if self.is_draining {
            struct_ser.serialize_field("isDraining", &self.is_draining)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for GetStatusResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "version",
            "revision",
            "active_since",
            "activeSince",
            "cause",
            "uptime",
            "sizes",
            "last_refused",
            "lastRefused",
            "stale_since",
            "staleSince",
            "warnings",
            "activations",
            "refusals",
            "in_flight",
            "inFlight",
            "connections",
            "resident_bytes",
            "residentBytes",
            "is_draining",
            "isDraining",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Version,
            Revision,
            ActiveSince,
            Cause,
            Uptime,
            Sizes,
            LastRefused,
            StaleSince,
            Warnings,
            Activations,
            Refusals,
            InFlight,
            Connections,
            ResidentBytes,
            IsDraining,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "version" => Ok(GeneratedField::Version),
                            "revision" => Ok(GeneratedField::Revision),
                            "activeSince" | "active_since" => Ok(GeneratedField::ActiveSince),
                            "cause" => Ok(GeneratedField::Cause),
                            "uptime" => Ok(GeneratedField::Uptime),
                            "sizes" => Ok(GeneratedField::Sizes),
                            "lastRefused" | "last_refused" => Ok(GeneratedField::LastRefused),
                            "staleSince" | "stale_since" => Ok(GeneratedField::StaleSince),
                            "warnings" => Ok(GeneratedField::Warnings),
                            "activations" => Ok(GeneratedField::Activations),
                            "refusals" => Ok(GeneratedField::Refusals),
                            "inFlight" | "in_flight" => Ok(GeneratedField::InFlight),
                            "connections" => Ok(GeneratedField::Connections),
                            "residentBytes" | "resident_bytes" => Ok(GeneratedField::ResidentBytes),
                            "isDraining" | "is_draining" => Ok(GeneratedField::IsDraining),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = GetStatusResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.GetStatusResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<GetStatusResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut version__ = None;
                let mut revision__ = None;
                let mut active_since__ = None;
                let mut cause__ = None;
                let mut uptime__ = None;
                let mut sizes__ = None;
                let mut last_refused__ = None;
                let mut stale_since__ = None;
                let mut warnings__ = None;
                let mut activations__ = None;
                let mut refusals__ = None;
                let mut in_flight__ = None;
                let mut connections__ = None;
                let mut resident_bytes__ = None;
                let mut is_draining__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Version => {
                            if version__.is_some() {
                                return Err(serde::de::Error::duplicate_field("version"));
                            }
                            version__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ActiveSince => {
                            if active_since__.is_some() {
                                return Err(serde::de::Error::duplicate_field("activeSince"));
                            }
                            active_since__ = map_.next_value()?;
                        }
                        GeneratedField::Cause => {
                            if cause__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cause"));
                            }
                            cause__ = Some(map_.next_value::<ActivationCause>()? as i32);
                        }
                        GeneratedField::Uptime => {
                            if uptime__.is_some() {
                                return Err(serde::de::Error::duplicate_field("uptime"));
                            }
                            uptime__ = map_.next_value()?;
                        }
                        GeneratedField::Sizes => {
                            if sizes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sizes"));
                            }
                            sizes__ = map_.next_value()?;
                        }
                        GeneratedField::LastRefused => {
                            if last_refused__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lastRefused"));
                            }
                            last_refused__ = map_.next_value()?;
                        }
                        GeneratedField::StaleSince => {
                            if stale_since__.is_some() {
                                return Err(serde::de::Error::duplicate_field("staleSince"));
                            }
                            stale_since__ = map_.next_value()?;
                        }
                        GeneratedField::Warnings => {
                            if warnings__.is_some() {
                                return Err(serde::de::Error::duplicate_field("warnings"));
                            }
                            warnings__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Activations => {
                            if activations__.is_some() {
                                return Err(serde::de::Error::duplicate_field("activations"));
                            }
                            activations__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Refusals => {
                            if refusals__.is_some() {
                                return Err(serde::de::Error::duplicate_field("refusals"));
                            }
                            refusals__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::InFlight => {
                            if in_flight__.is_some() {
                                return Err(serde::de::Error::duplicate_field("inFlight"));
                            }
                            in_flight__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Connections => {
                            if connections__.is_some() {
                                return Err(serde::de::Error::duplicate_field("connections"));
                            }
                            connections__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ResidentBytes => {
                            if resident_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("residentBytes"));
                            }
                            resident_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::IsDraining => {
                            if is_draining__.is_some() {
                                return Err(serde::de::Error::duplicate_field("isDraining"));
                            }
                            is_draining__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(GetStatusResponse {
                    version: version__.unwrap_or_default(),
                    revision: revision__.unwrap_or_default(),
                    active_since: active_since__,
                    cause: cause__.unwrap_or_default(),
                    uptime: uptime__,
                    sizes: sizes__,
                    last_refused: last_refused__,
                    stale_since: stale_since__,
                    warnings: warnings__.unwrap_or_default(),
                    activations: activations__.unwrap_or_default(),
                    refusals: refusals__.unwrap_or_default(),
                    in_flight: in_flight__.unwrap_or_default(),
                    connections: connections__.unwrap_or_default(),
                    resident_bytes: resident_bytes__.unwrap_or_default(),
                    is_draining: is_draining__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.GetStatusResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for HealthCounts {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.stale_outcomes != 0 {
            len += 1;
        }
        if self.duplicate_outcomes != 0 {
            len += 1;
        }
        if self.unknown_outcomes != 0 {
            len += 1;
        }
        if self.lost_probes != 0 {
            len += 1;
        }
        if self.lost_transitions != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.HealthCounts", len)?;
        if self.stale_outcomes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("staleOutcomes", ToString::to_string(&self.stale_outcomes).as_str())?;
        }
        if self.duplicate_outcomes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("duplicateOutcomes", ToString::to_string(&self.duplicate_outcomes).as_str())?;
        }
        if self.unknown_outcomes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("unknownOutcomes", ToString::to_string(&self.unknown_outcomes).as_str())?;
        }
        if self.lost_probes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("lostProbes", ToString::to_string(&self.lost_probes).as_str())?;
        }
        if self.lost_transitions != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("lostTransitions", ToString::to_string(&self.lost_transitions).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for HealthCounts {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "stale_outcomes",
            "staleOutcomes",
            "duplicate_outcomes",
            "duplicateOutcomes",
            "unknown_outcomes",
            "unknownOutcomes",
            "lost_probes",
            "lostProbes",
            "lost_transitions",
            "lostTransitions",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            StaleOutcomes,
            DuplicateOutcomes,
            UnknownOutcomes,
            LostProbes,
            LostTransitions,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "staleOutcomes" | "stale_outcomes" => Ok(GeneratedField::StaleOutcomes),
                            "duplicateOutcomes" | "duplicate_outcomes" => Ok(GeneratedField::DuplicateOutcomes),
                            "unknownOutcomes" | "unknown_outcomes" => Ok(GeneratedField::UnknownOutcomes),
                            "lostProbes" | "lost_probes" => Ok(GeneratedField::LostProbes),
                            "lostTransitions" | "lost_transitions" => Ok(GeneratedField::LostTransitions),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = HealthCounts;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.HealthCounts")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<HealthCounts, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut stale_outcomes__ = None;
                let mut duplicate_outcomes__ = None;
                let mut unknown_outcomes__ = None;
                let mut lost_probes__ = None;
                let mut lost_transitions__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::StaleOutcomes => {
                            if stale_outcomes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("staleOutcomes"));
                            }
                            stale_outcomes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::DuplicateOutcomes => {
                            if duplicate_outcomes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("duplicateOutcomes"));
                            }
                            duplicate_outcomes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::UnknownOutcomes => {
                            if unknown_outcomes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("unknownOutcomes"));
                            }
                            unknown_outcomes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::LostProbes => {
                            if lost_probes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lostProbes"));
                            }
                            lost_probes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::LostTransitions => {
                            if lost_transitions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("lostTransitions"));
                            }
                            lost_transitions__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(HealthCounts {
                    stale_outcomes: stale_outcomes__.unwrap_or_default(),
                    duplicate_outcomes: duplicate_outcomes__.unwrap_or_default(),
                    unknown_outcomes: unknown_outcomes__.unwrap_or_default(),
                    lost_probes: lost_probes__.unwrap_or_default(),
                    lost_transitions: lost_transitions__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.HealthCounts", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for HealthState {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "HEALTH_STATE_UNSPECIFIED",
            Self::Closed => "HEALTH_STATE_CLOSED",
            Self::Open => "HEALTH_STATE_OPEN",
            Self::HalfOpen => "HEALTH_STATE_HALF_OPEN",
            Self::Disabled => "HEALTH_STATE_DISABLED",
            Self::Cooling => "HEALTH_STATE_COOLING",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for HealthState {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "HEALTH_STATE_UNSPECIFIED",
            "HEALTH_STATE_CLOSED",
            "HEALTH_STATE_OPEN",
            "HEALTH_STATE_HALF_OPEN",
            "HEALTH_STATE_DISABLED",
            "HEALTH_STATE_COOLING",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = HealthState;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "HEALTH_STATE_UNSPECIFIED" => Ok(HealthState::Unspecified),
                    "HEALTH_STATE_CLOSED" => Ok(HealthState::Closed),
                    "HEALTH_STATE_OPEN" => Ok(HealthState::Open),
                    "HEALTH_STATE_HALF_OPEN" => Ok(HealthState::HalfOpen),
                    "HEALTH_STATE_DISABLED" => Ok(HealthState::Disabled),
                    "HEALTH_STATE_COOLING" => Ok(HealthState::Cooling),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Larger {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("fastroute.v1.Larger", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Larger {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Err(serde::de::Error::unknown_field(value, FIELDS))
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Larger;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Larger")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Larger, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(Larger {
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Larger", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for LimitScope {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "LIMIT_SCOPE_UNSPECIFIED",
            Self::Model => "LIMIT_SCOPE_MODEL",
            Self::Credential => "LIMIT_SCOPE_CREDENTIAL",
            Self::Provider => "LIMIT_SCOPE_PROVIDER",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for LimitScope {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "LIMIT_SCOPE_UNSPECIFIED",
            "LIMIT_SCOPE_MODEL",
            "LIMIT_SCOPE_CREDENTIAL",
            "LIMIT_SCOPE_PROVIDER",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = LimitScope;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "LIMIT_SCOPE_UNSPECIFIED" => Ok(LimitScope::Unspecified),
                    "LIMIT_SCOPE_MODEL" => Ok(LimitScope::Model),
                    "LIMIT_SCOPE_CREDENTIAL" => Ok(LimitScope::Credential),
                    "LIMIT_SCOPE_PROVIDER" => Ok(LimitScope::Provider),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Limits {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.min_quality.is_some() {
            len += 1;
        }
        if self.max_cost_usd.is_some() {
            len += 1;
        }
        if self.max_latency.is_some() {
            len += 1;
        }
        if self.expected_output_tokens.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Limits", len)?;
        if let Some(v) = self.min_quality.as_ref() {
            struct_ser.serialize_field("minQuality", v)?;
        }
        if let Some(v) = self.max_cost_usd.as_ref() {
            struct_ser.serialize_field("maxCostUsd", v)?;
        }
        if let Some(v) = self.max_latency.as_ref() {
            struct_ser.serialize_field("maxLatency", v)?;
        }
        if let Some(v) = self.expected_output_tokens.as_ref() {
            struct_ser.serialize_field("expectedOutputTokens", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Limits {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "min_quality",
            "minQuality",
            "max_cost_usd",
            "maxCostUsd",
            "max_latency",
            "maxLatency",
            "expected_output_tokens",
            "expectedOutputTokens",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            MinQuality,
            MaxCostUsd,
            MaxLatency,
            ExpectedOutputTokens,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "minQuality" | "min_quality" => Ok(GeneratedField::MinQuality),
                            "maxCostUsd" | "max_cost_usd" => Ok(GeneratedField::MaxCostUsd),
                            "maxLatency" | "max_latency" => Ok(GeneratedField::MaxLatency),
                            "expectedOutputTokens" | "expected_output_tokens" => Ok(GeneratedField::ExpectedOutputTokens),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Limits;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Limits")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Limits, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut min_quality__ = None;
                let mut max_cost_usd__ = None;
                let mut max_latency__ = None;
                let mut expected_output_tokens__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::MinQuality => {
                            if min_quality__.is_some() {
                                return Err(serde::de::Error::duplicate_field("minQuality"));
                            }
                            min_quality__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::MaxCostUsd => {
                            if max_cost_usd__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxCostUsd"));
                            }
                            max_cost_usd__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::MaxLatency => {
                            if max_latency__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxLatency"));
                            }
                            max_latency__ = map_.next_value()?;
                        }
                        GeneratedField::ExpectedOutputTokens => {
                            if expected_output_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("expectedOutputTokens"));
                            }
                            expected_output_tokens__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                    }
                }
                Ok(Limits {
                    min_quality: min_quality__,
                    max_cost_usd: max_cost_usd__,
                    max_latency: max_latency__,
                    expected_output_tokens: expected_output_tokens__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Limits", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ListHealthRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("fastroute.v1.ListHealthRequest", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ListHealthRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Err(serde::de::Error::unknown_field(value, FIELDS))
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ListHealthRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ListHealthRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ListHealthRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(ListHealthRequest {
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ListHealthRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ListHealthResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.targets.is_empty() {
            len += 1;
        }
        if !self.budgets.is_empty() {
            len += 1;
        }
        if self.counts.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ListHealthResponse", len)?;
        if !self.targets.is_empty() {
            struct_ser.serialize_field("targets", &self.targets)?;
        }
        if !self.budgets.is_empty() {
            struct_ser.serialize_field("budgets", &self.budgets)?;
        }
        if let Some(v) = self.counts.as_ref() {
            struct_ser.serialize_field("counts", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ListHealthResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "targets",
            "budgets",
            "counts",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Targets,
            Budgets,
            Counts,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "targets" => Ok(GeneratedField::Targets),
                            "budgets" => Ok(GeneratedField::Budgets),
                            "counts" => Ok(GeneratedField::Counts),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ListHealthResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ListHealthResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ListHealthResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut targets__ = None;
                let mut budgets__ = None;
                let mut counts__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Targets => {
                            if targets__.is_some() {
                                return Err(serde::de::Error::duplicate_field("targets"));
                            }
                            targets__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Budgets => {
                            if budgets__.is_some() {
                                return Err(serde::de::Error::duplicate_field("budgets"));
                            }
                            budgets__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Counts => {
                            if counts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("counts"));
                            }
                            counts__ = map_.next_value()?;
                        }
                    }
                }
                Ok(ListHealthResponse {
                    targets: targets__.unwrap_or_default(),
                    budgets: budgets__.unwrap_or_default(),
                    counts: counts__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ListHealthResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ListRevisionsRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("fastroute.v1.ListRevisionsRequest", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ListRevisionsRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Err(serde::de::Error::unknown_field(value, FIELDS))
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ListRevisionsRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ListRevisionsRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ListRevisionsRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(ListRevisionsRequest {
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ListRevisionsRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ListRevisionsResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.revisions.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ListRevisionsResponse", len)?;
        if !self.revisions.is_empty() {
            struct_ser.serialize_field("revisions", &self.revisions)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ListRevisionsResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "revisions",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Revisions,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "revisions" => Ok(GeneratedField::Revisions),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ListRevisionsResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ListRevisionsResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ListRevisionsResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut revisions__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Revisions => {
                            if revisions__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revisions"));
                            }
                            revisions__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ListRevisionsResponse {
                    revisions: revisions__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ListRevisionsResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Media {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let len = 0;
        let struct_ser = serializer.serialize_struct("fastroute.v1.Media", len)?;
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Media {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                            Err(serde::de::Error::unknown_field(value, FIELDS))
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Media;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Media")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Media, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                while map_.next_key::<GeneratedField>()?.is_some() {
                    let _ = map_.next_value::<serde::de::IgnoredAny>()?;
                }
                Ok(Media {
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Media", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Message {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.role != 0 {
            len += 1;
        }
        if !self.parts.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Message", len)?;
        if self.role != 0 {
            let v = Role::try_from(self.role)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.role)))?;
            struct_ser.serialize_field("role", &v)?;
        }
        if !self.parts.is_empty() {
            struct_ser.serialize_field("parts", &self.parts)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Message {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "role",
            "parts",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Role,
            Parts,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "role" => Ok(GeneratedField::Role),
                            "parts" => Ok(GeneratedField::Parts),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Message;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Message")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Message, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut role__ = None;
                let mut parts__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Role => {
                            if role__.is_some() {
                                return Err(serde::de::Error::duplicate_field("role"));
                            }
                            role__ = Some(map_.next_value::<Role>()? as i32);
                        }
                        GeneratedField::Parts => {
                            if parts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("parts"));
                            }
                            parts__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Message {
                    role: role__.unwrap_or_default(),
                    parts: parts__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Message", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for MetadataEntry {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.key.is_empty() {
            len += 1;
        }
        if self.value.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.MetadataEntry", len)?;
        if !self.key.is_empty() {
            struct_ser.serialize_field("key", &self.key)?;
        }
        if let Some(v) = self.value.as_ref() {
            match v {
                metadata_entry::Value::BoolValue(v) => {
                    struct_ser.serialize_field("boolValue", v)?;
                }
                metadata_entry::Value::NumberValue(v) => {
                    struct_ser.serialize_field("numberValue", v)?;
                }
                metadata_entry::Value::TextValue(v) => {
                    struct_ser.serialize_field("textValue", v)?;
                }
            }
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for MetadataEntry {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "key",
            "bool_value",
            "boolValue",
            "number_value",
            "numberValue",
            "text_value",
            "textValue",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Key,
            BoolValue,
            NumberValue,
            TextValue,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "key" => Ok(GeneratedField::Key),
                            "boolValue" | "bool_value" => Ok(GeneratedField::BoolValue),
                            "numberValue" | "number_value" => Ok(GeneratedField::NumberValue),
                            "textValue" | "text_value" => Ok(GeneratedField::TextValue),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = MetadataEntry;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.MetadataEntry")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<MetadataEntry, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut key__ = None;
                let mut value__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Key => {
                            if key__.is_some() {
                                return Err(serde::de::Error::duplicate_field("key"));
                            }
                            key__ = Some(map_.next_value()?);
                        }
                        GeneratedField::BoolValue => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("boolValue"));
                            }
                            value__ = map_.next_value::<::std::option::Option<_>>()?.map(metadata_entry::Value::BoolValue);
                        }
                        GeneratedField::NumberValue => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("numberValue"));
                            }
                            value__ = map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| metadata_entry::Value::NumberValue(x.0));
                        }
                        GeneratedField::TextValue => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("textValue"));
                            }
                            value__ = map_.next_value::<::std::option::Option<_>>()?.map(metadata_entry::Value::TextValue);
                        }
                    }
                }
                Ok(MetadataEntry {
                    key: key__.unwrap_or_default(),
                    value: value__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.MetadataEntry", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Missing {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.model.is_empty() {
            len += 1;
        }
        if !self.code.is_empty() {
            len += 1;
        }
        if !self.message.is_empty() {
            len += 1;
        }
        if self.retry_after.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Missing", len)?;
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        if !self.message.is_empty() {
            struct_ser.serialize_field("message", &self.message)?;
        }
        if let Some(v) = self.retry_after.as_ref() {
            struct_ser.serialize_field("retryAfter", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Missing {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "model",
            "code",
            "message",
            "retry_after",
            "retryAfter",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Model,
            Code,
            Message,
            RetryAfter,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "model" => Ok(GeneratedField::Model),
                            "code" => Ok(GeneratedField::Code),
                            "message" => Ok(GeneratedField::Message),
                            "retryAfter" | "retry_after" => Ok(GeneratedField::RetryAfter),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Missing;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Missing")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Missing, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut model__ = None;
                let mut code__ = None;
                let mut message__ = None;
                let mut retry_after__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = Some(map_.next_value()?);
                        }
                        GeneratedField::RetryAfter => {
                            if retry_after__.is_some() {
                                return Err(serde::de::Error::duplicate_field("retryAfter"));
                            }
                            retry_after__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Missing {
                    model: model__.unwrap_or_default(),
                    code: code__.unwrap_or_default(),
                    message: message__.unwrap_or_default(),
                    retry_after: retry_after__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Missing", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ModelLine {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.model.is_empty() {
            len += 1;
        }
        if !self.role.is_empty() {
            len += 1;
        }
        if !self.missing.is_empty() {
            len += 1;
        }
        if self.score.is_some() {
            len += 1;
        }
        if self.quality.is_some() {
            len += 1;
        }
        if self.cost_usd.is_some() {
            len += 1;
        }
        if self.latency.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ModelLine", len)?;
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if !self.role.is_empty() {
            struct_ser.serialize_field("role", &self.role)?;
        }
        if !self.missing.is_empty() {
            struct_ser.serialize_field("missing", &self.missing)?;
        }
        if let Some(v) = self.score.as_ref() {
            struct_ser.serialize_field("score", v)?;
        }
        if let Some(v) = self.quality.as_ref() {
            struct_ser.serialize_field("quality", v)?;
        }
        if let Some(v) = self.cost_usd.as_ref() {
            struct_ser.serialize_field("costUsd", v)?;
        }
        if let Some(v) = self.latency.as_ref() {
            struct_ser.serialize_field("latency", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ModelLine {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "model",
            "role",
            "missing",
            "score",
            "quality",
            "cost_usd",
            "costUsd",
            "latency",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Model,
            Role,
            Missing,
            Score,
            Quality,
            CostUsd,
            Latency,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "model" => Ok(GeneratedField::Model),
                            "role" => Ok(GeneratedField::Role),
                            "missing" => Ok(GeneratedField::Missing),
                            "score" => Ok(GeneratedField::Score),
                            "quality" => Ok(GeneratedField::Quality),
                            "costUsd" | "cost_usd" => Ok(GeneratedField::CostUsd),
                            "latency" => Ok(GeneratedField::Latency),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ModelLine;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ModelLine")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ModelLine, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut model__ = None;
                let mut role__ = None;
                let mut missing__ = None;
                let mut score__ = None;
                let mut quality__ = None;
                let mut cost_usd__ = None;
                let mut latency__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Role => {
                            if role__.is_some() {
                                return Err(serde::de::Error::duplicate_field("role"));
                            }
                            role__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Missing => {
                            if missing__.is_some() {
                                return Err(serde::de::Error::duplicate_field("missing"));
                            }
                            missing__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Score => {
                            if score__.is_some() {
                                return Err(serde::de::Error::duplicate_field("score"));
                            }
                            score__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Quality => {
                            if quality__.is_some() {
                                return Err(serde::de::Error::duplicate_field("quality"));
                            }
                            quality__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::CostUsd => {
                            if cost_usd__.is_some() {
                                return Err(serde::de::Error::duplicate_field("costUsd"));
                            }
                            cost_usd__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::Latency => {
                            if latency__.is_some() {
                                return Err(serde::de::Error::duplicate_field("latency"));
                            }
                            latency__ = map_.next_value()?;
                        }
                    }
                }
                Ok(ModelLine {
                    model: model__.unwrap_or_default(),
                    role: role__.unwrap_or_default(),
                    missing: missing__.unwrap_or_default(),
                    score: score__,
                    quality: quality__,
                    cost_usd: cost_usd__,
                    latency: latency__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ModelLine", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Note {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.code.is_empty() {
            len += 1;
        }
        if !self.sentence.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Note", len)?;
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        if !self.sentence.is_empty() {
            struct_ser.serialize_field("sentence", &self.sentence)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Note {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "code",
            "sentence",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Code,
            Sentence,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "code" => Ok(GeneratedField::Code),
                            "sentence" => Ok(GeneratedField::Sentence),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Note;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Note")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Note, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut code__ = None;
                let mut sentence__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Sentence => {
                            if sentence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sentence"));
                            }
                            sentence__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Note {
                    code: code__.unwrap_or_default(),
                    sentence: sentence__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Note", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Outcome {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "OUTCOME_UNSPECIFIED",
            Self::Routed => "OUTCOME_ROUTED",
            Self::Rejected => "OUTCOME_REJECTED",
            Self::NothingFits => "OUTCOME_NOTHING_FITS",
            Self::OverBudget => "OUTCOME_OVER_BUDGET",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for Outcome {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "OUTCOME_UNSPECIFIED",
            "OUTCOME_ROUTED",
            "OUTCOME_REJECTED",
            "OUTCOME_NOTHING_FITS",
            "OUTCOME_OVER_BUDGET",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = Outcome;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "OUTCOME_UNSPECIFIED" => Ok(Outcome::Unspecified),
                    "OUTCOME_ROUTED" => Ok(Outcome::Routed),
                    "OUTCOME_REJECTED" => Ok(Outcome::Rejected),
                    "OUTCOME_NOTHING_FITS" => Ok(Outcome::NothingFits),
                    "OUTCOME_OVER_BUDGET" => Ok(Outcome::OverBudget),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for OutcomeReport {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.report_token.is_empty() {
            len += 1;
        }
        if self.attempt != 0 {
            len += 1;
        }
        if !self.model.is_empty() {
            len += 1;
        }
        if self.outcome != 0 {
            len += 1;
        }
        if self.first_token.is_some() {
            len += 1;
        }
        if self.latency.is_some() {
            len += 1;
        }
        if self.input_tokens.is_some() {
            len += 1;
        }
        if self.output_tokens.is_some() {
            len += 1;
        }
        if self.cached_tokens.is_some() {
            len += 1;
        }
        if self.retry_after.is_some() {
            len += 1;
        }
        if self.limit_scope != 0 {
            len += 1;
        }
        if self.feedback.is_some() {
            len += 1;
        }
        if !self.output_hash.is_empty() {
            len += 1;
        }
        if self.output_bytes.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.OutcomeReport", len)?;
        if !self.report_token.is_empty() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("reportToken", pbjson::private::base64::encode(&self.report_token).as_str())?;
        }
        if self.attempt != 0 {
            struct_ser.serialize_field("attempt", &self.attempt)?;
        }
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if self.outcome != 0 {
            let v = AttemptOutcome::try_from(self.outcome)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.outcome)))?;
            struct_ser.serialize_field("outcome", &v)?;
        }
        if let Some(v) = self.first_token.as_ref() {
            struct_ser.serialize_field("firstToken", v)?;
        }
        if let Some(v) = self.latency.as_ref() {
            struct_ser.serialize_field("latency", v)?;
        }
        if let Some(v) = self.input_tokens.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("inputTokens", ToString::to_string(&v).as_str())?;
        }
        if let Some(v) = self.output_tokens.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("outputTokens", ToString::to_string(&v).as_str())?;
        }
        if let Some(v) = self.cached_tokens.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("cachedTokens", ToString::to_string(&v).as_str())?;
        }
        if let Some(v) = self.retry_after.as_ref() {
            struct_ser.serialize_field("retryAfter", v)?;
        }
        if self.limit_scope != 0 {
            let v = LimitScope::try_from(self.limit_scope)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.limit_scope)))?;
            struct_ser.serialize_field("limitScope", &v)?;
        }
        if let Some(v) = self.feedback.as_ref() {
            struct_ser.serialize_field("feedback", v)?;
        }
        if !self.output_hash.is_empty() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("outputHash", pbjson::private::base64::encode(&self.output_hash).as_str())?;
        }
        if let Some(v) = self.output_bytes.as_ref() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("outputBytes", ToString::to_string(&v).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for OutcomeReport {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "report_token",
            "reportToken",
            "attempt",
            "model",
            "outcome",
            "first_token",
            "firstToken",
            "latency",
            "input_tokens",
            "inputTokens",
            "output_tokens",
            "outputTokens",
            "cached_tokens",
            "cachedTokens",
            "retry_after",
            "retryAfter",
            "limit_scope",
            "limitScope",
            "feedback",
            "output_hash",
            "outputHash",
            "output_bytes",
            "outputBytes",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            ReportToken,
            Attempt,
            Model,
            Outcome,
            FirstToken,
            Latency,
            InputTokens,
            OutputTokens,
            CachedTokens,
            RetryAfter,
            LimitScope,
            Feedback,
            OutputHash,
            OutputBytes,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "reportToken" | "report_token" => Ok(GeneratedField::ReportToken),
                            "attempt" => Ok(GeneratedField::Attempt),
                            "model" => Ok(GeneratedField::Model),
                            "outcome" => Ok(GeneratedField::Outcome),
                            "firstToken" | "first_token" => Ok(GeneratedField::FirstToken),
                            "latency" => Ok(GeneratedField::Latency),
                            "inputTokens" | "input_tokens" => Ok(GeneratedField::InputTokens),
                            "outputTokens" | "output_tokens" => Ok(GeneratedField::OutputTokens),
                            "cachedTokens" | "cached_tokens" => Ok(GeneratedField::CachedTokens),
                            "retryAfter" | "retry_after" => Ok(GeneratedField::RetryAfter),
                            "limitScope" | "limit_scope" => Ok(GeneratedField::LimitScope),
                            "feedback" => Ok(GeneratedField::Feedback),
                            "outputHash" | "output_hash" => Ok(GeneratedField::OutputHash),
                            "outputBytes" | "output_bytes" => Ok(GeneratedField::OutputBytes),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = OutcomeReport;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.OutcomeReport")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<OutcomeReport, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut report_token__ = None;
                let mut attempt__ = None;
                let mut model__ = None;
                let mut outcome__ = None;
                let mut first_token__ = None;
                let mut latency__ = None;
                let mut input_tokens__ = None;
                let mut output_tokens__ = None;
                let mut cached_tokens__ = None;
                let mut retry_after__ = None;
                let mut limit_scope__ = None;
                let mut feedback__ = None;
                let mut output_hash__ = None;
                let mut output_bytes__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::ReportToken => {
                            if report_token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reportToken"));
                            }
                            report_token__ = 
                                Some(map_.next_value::<::pbjson::private::BytesDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Attempt => {
                            if attempt__.is_some() {
                                return Err(serde::de::Error::duplicate_field("attempt"));
                            }
                            attempt__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Outcome => {
                            if outcome__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outcome"));
                            }
                            outcome__ = Some(map_.next_value::<AttemptOutcome>()? as i32);
                        }
                        GeneratedField::FirstToken => {
                            if first_token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("firstToken"));
                            }
                            first_token__ = map_.next_value()?;
                        }
                        GeneratedField::Latency => {
                            if latency__.is_some() {
                                return Err(serde::de::Error::duplicate_field("latency"));
                            }
                            latency__ = map_.next_value()?;
                        }
                        GeneratedField::InputTokens => {
                            if input_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("inputTokens"));
                            }
                            input_tokens__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::OutputTokens => {
                            if output_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outputTokens"));
                            }
                            output_tokens__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::CachedTokens => {
                            if cached_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cachedTokens"));
                            }
                            cached_tokens__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                        GeneratedField::RetryAfter => {
                            if retry_after__.is_some() {
                                return Err(serde::de::Error::duplicate_field("retryAfter"));
                            }
                            retry_after__ = map_.next_value()?;
                        }
                        GeneratedField::LimitScope => {
                            if limit_scope__.is_some() {
                                return Err(serde::de::Error::duplicate_field("limitScope"));
                            }
                            limit_scope__ = Some(map_.next_value::<LimitScope>()? as i32);
                        }
                        GeneratedField::Feedback => {
                            if feedback__.is_some() {
                                return Err(serde::de::Error::duplicate_field("feedback"));
                            }
                            feedback__ = map_.next_value()?;
                        }
                        GeneratedField::OutputHash => {
                            if output_hash__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outputHash"));
                            }
                            output_hash__ = 
                                Some(map_.next_value::<::pbjson::private::BytesDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::OutputBytes => {
                            if output_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("outputBytes"));
                            }
                            output_bytes__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                    }
                }
                Ok(OutcomeReport {
                    report_token: report_token__.unwrap_or_default(),
                    attempt: attempt__.unwrap_or_default(),
                    model: model__.unwrap_or_default(),
                    outcome: outcome__.unwrap_or_default(),
                    first_token: first_token__,
                    latency: latency__,
                    input_tokens: input_tokens__,
                    output_tokens: output_tokens__,
                    cached_tokens: cached_tokens__,
                    retry_after: retry_after__,
                    limit_scope: limit_scope__.unwrap_or_default(),
                    feedback: feedback__,
                    output_hash: output_hash__.unwrap_or_default(),
                    output_bytes: output_bytes__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.OutcomeReport", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Part {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.content.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Part", len)?;
        if let Some(v) = self.content.as_ref() {
            match v {
                part::Content::Text(v) => {
                    struct_ser.serialize_field("text", v)?;
                }
                part::Content::Document(v) => {
                    struct_ser.serialize_field("document", v)?;
                }
                part::Content::Image(v) => {
                    struct_ser.serialize_field("image", v)?;
                }
                part::Content::Audio(v) => {
                    struct_ser.serialize_field("audio", v)?;
                }
                part::Content::Other(v) => {
                    struct_ser.serialize_field("other", v)?;
                }
            }
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Part {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "text",
            "document",
            "image",
            "audio",
            "other",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Text,
            Document,
            Image,
            Audio,
            Other,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "text" => Ok(GeneratedField::Text),
                            "document" => Ok(GeneratedField::Document),
                            "image" => Ok(GeneratedField::Image),
                            "audio" => Ok(GeneratedField::Audio),
                            "other" => Ok(GeneratedField::Other),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Part;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Part")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Part, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut content__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Text => {
                            if content__.is_some() {
                                return Err(serde::de::Error::duplicate_field("text"));
                            }
                            content__ = map_.next_value::<::std::option::Option<_>>()?.map(part::Content::Text);
                        }
                        GeneratedField::Document => {
                            if content__.is_some() {
                                return Err(serde::de::Error::duplicate_field("document"));
                            }
                            content__ = map_.next_value::<::std::option::Option<_>>()?.map(part::Content::Document);
                        }
                        GeneratedField::Image => {
                            if content__.is_some() {
                                return Err(serde::de::Error::duplicate_field("image"));
                            }
                            content__ = map_.next_value::<::std::option::Option<_>>()?.map(part::Content::Image)
;
                        }
                        GeneratedField::Audio => {
                            if content__.is_some() {
                                return Err(serde::de::Error::duplicate_field("audio"));
                            }
                            content__ = map_.next_value::<::std::option::Option<_>>()?.map(part::Content::Audio)
;
                        }
                        GeneratedField::Other => {
                            if content__.is_some() {
                                return Err(serde::de::Error::duplicate_field("other"));
                            }
                            content__ = map_.next_value::<::std::option::Option<_>>()?.map(part::Content::Other)
;
                        }
                    }
                }
                Ok(Part {
                    content: content__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Part", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ProviderKind {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "PROVIDER_KIND_UNSPECIFIED",
            Self::Openai => "PROVIDER_KIND_OPENAI",
            Self::Anthropic => "PROVIDER_KIND_ANTHROPIC",
            Self::Callable => "PROVIDER_KIND_CALLABLE",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for ProviderKind {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "PROVIDER_KIND_UNSPECIFIED",
            "PROVIDER_KIND_OPENAI",
            "PROVIDER_KIND_ANTHROPIC",
            "PROVIDER_KIND_CALLABLE",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = ProviderKind;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "PROVIDER_KIND_UNSPECIFIED" => Ok(ProviderKind::Unspecified),
                    "PROVIDER_KIND_OPENAI" => Ok(ProviderKind::Openai),
                    "PROVIDER_KIND_ANTHROPIC" => Ok(ProviderKind::Anthropic),
                    "PROVIDER_KIND_CALLABLE" => Ok(ProviderKind::Callable),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Question {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.model.is_empty() {
            len += 1;
        }
        if self.deployment.is_some() {
            len += 1;
        }
        if !self.labels.is_empty() {
            len += 1;
        }
        if !self.system.is_empty() {
            len += 1;
        }
        if !self.user.is_empty() {
            len += 1;
        }
        if self.timeout.is_some() {
            len += 1;
        }
        if !self.revision.is_empty() {
            len += 1;
        }
        if !self.schema_json.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Question", len)?;
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if let Some(v) = self.deployment.as_ref() {
            struct_ser.serialize_field("deployment", v)?;
        }
        if !self.labels.is_empty() {
            struct_ser.serialize_field("labels", &self.labels)?;
        }
        if !self.system.is_empty() {
            struct_ser.serialize_field("system", &self.system)?;
        }
        if !self.user.is_empty() {
            struct_ser.serialize_field("user", &self.user)?;
        }
        if let Some(v) = self.timeout.as_ref() {
            struct_ser.serialize_field("timeout", v)?;
        }
        if !self.revision.is_empty() {
            struct_ser.serialize_field("revision", &self.revision)?;
        }
        if !self.schema_json.is_empty() {
            struct_ser.serialize_field("schemaJson", &self.schema_json)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Question {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "model",
            "deployment",
            "labels",
            "system",
            "user",
            "timeout",
            "revision",
            "schema_json",
            "schemaJson",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Model,
            Deployment,
            Labels,
            System,
            User,
            Timeout,
            Revision,
            SchemaJson,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "model" => Ok(GeneratedField::Model),
                            "deployment" => Ok(GeneratedField::Deployment),
                            "labels" => Ok(GeneratedField::Labels),
                            "system" => Ok(GeneratedField::System),
                            "user" => Ok(GeneratedField::User),
                            "timeout" => Ok(GeneratedField::Timeout),
                            "revision" => Ok(GeneratedField::Revision),
                            "schemaJson" | "schema_json" => Ok(GeneratedField::SchemaJson),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Question;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Question")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Question, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut model__ = None;
                let mut deployment__ = None;
                let mut labels__ = None;
                let mut system__ = None;
                let mut user__ = None;
                let mut timeout__ = None;
                let mut revision__ = None;
                let mut schema_json__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Deployment => {
                            if deployment__.is_some() {
                                return Err(serde::de::Error::duplicate_field("deployment"));
                            }
                            deployment__ = map_.next_value()?;
                        }
                        GeneratedField::Labels => {
                            if labels__.is_some() {
                                return Err(serde::de::Error::duplicate_field("labels"));
                            }
                            labels__ = Some(map_.next_value()?);
                        }
                        GeneratedField::System => {
                            if system__.is_some() {
                                return Err(serde::de::Error::duplicate_field("system"));
                            }
                            system__ = Some(map_.next_value()?);
                        }
                        GeneratedField::User => {
                            if user__.is_some() {
                                return Err(serde::de::Error::duplicate_field("user"));
                            }
                            user__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Timeout => {
                            if timeout__.is_some() {
                                return Err(serde::de::Error::duplicate_field("timeout"));
                            }
                            timeout__ = map_.next_value()?;
                        }
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = Some(map_.next_value()?);
                        }
                        GeneratedField::SchemaJson => {
                            if schema_json__.is_some() {
                                return Err(serde::de::Error::duplicate_field("schemaJson"));
                            }
                            schema_json__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Question {
                    model: model__.unwrap_or_default(),
                    deployment: deployment__,
                    labels: labels__.unwrap_or_default(),
                    system: system__.unwrap_or_default(),
                    user: user__.unwrap_or_default(),
                    timeout: timeout__,
                    revision: revision__.unwrap_or_default(),
                    schema_json: schema_json__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Question", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Reason {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.code.is_empty() {
            len += 1;
        }
        if !self.sentence.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Reason", len)?;
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        if !self.sentence.is_empty() {
            struct_ser.serialize_field("sentence", &self.sentence)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Reason {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "code",
            "sentence",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Code,
            Sentence,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "code" => Ok(GeneratedField::Code),
                            "sentence" => Ok(GeneratedField::Sentence),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Reason;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Reason")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Reason, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut code__ = None;
                let mut sentence__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Sentence => {
                            if sentence__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sentence"));
                            }
                            sentence__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Reason {
                    code: code__.unwrap_or_default(),
                    sentence: sentence__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Reason", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RefusedConfig {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.refused_at.is_some() {
            len += 1;
        }
        if self.cause != 0 {
            len += 1;
        }
        if !self.code.is_empty() {
            len += 1;
        }
        if !self.message.is_empty() {
            len += 1;
        }
        if !self.issues.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RefusedConfig", len)?;
        if let Some(v) = self.refused_at.as_ref() {
            struct_ser.serialize_field("refusedAt", v)?;
        }
        if self.cause != 0 {
            let v = ActivationCause::try_from(self.cause)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.cause)))?;
            struct_ser.serialize_field("cause", &v)?;
        }
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        if !self.message.is_empty() {
            struct_ser.serialize_field("message", &self.message)?;
        }
        if !self.issues.is_empty() {
            struct_ser.serialize_field("issues", &self.issues)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RefusedConfig {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "refused_at",
            "refusedAt",
            "cause",
            "code",
            "message",
            "issues",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            RefusedAt,
            Cause,
            Code,
            Message,
            Issues,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "refusedAt" | "refused_at" => Ok(GeneratedField::RefusedAt),
                            "cause" => Ok(GeneratedField::Cause),
                            "code" => Ok(GeneratedField::Code),
                            "message" => Ok(GeneratedField::Message),
                            "issues" => Ok(GeneratedField::Issues),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RefusedConfig;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RefusedConfig")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RefusedConfig, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut refused_at__ = None;
                let mut cause__ = None;
                let mut code__ = None;
                let mut message__ = None;
                let mut issues__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::RefusedAt => {
                            if refused_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("refusedAt"));
                            }
                            refused_at__ = map_.next_value()?;
                        }
                        GeneratedField::Cause => {
                            if cause__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cause"));
                            }
                            cause__ = Some(map_.next_value::<ActivationCause>()? as i32);
                        }
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Message => {
                            if message__.is_some() {
                                return Err(serde::de::Error::duplicate_field("message"));
                            }
                            message__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Issues => {
                            if issues__.is_some() {
                                return Err(serde::de::Error::duplicate_field("issues"));
                            }
                            issues__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RefusedConfig {
                    refused_at: refused_at__,
                    cause: cause__.unwrap_or_default(),
                    code: code__.unwrap_or_default(),
                    message: message__.unwrap_or_default(),
                    issues: issues__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RefusedConfig", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ReloadConfigRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.content.is_empty() {
            len += 1;
        }
        if self.format != 0 {
            len += 1;
        }
        if self.force {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ReloadConfigRequest", len)?;
        if !self.content.is_empty() {
            struct_ser.serialize_field("content", &self.content)?;
        }
        if self.format != 0 {
            let v = ConfigFormat::try_from(self.format)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.format)))?;
            struct_ser.serialize_field("format", &v)?;
        }
        if self.force {
            struct_ser.serialize_field("force", &self.force)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ReloadConfigRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "content",
            "format",
            "force",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Content,
            Format,
            Force,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "content" => Ok(GeneratedField::Content),
                            "format" => Ok(GeneratedField::Format),
                            "force" => Ok(GeneratedField::Force),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ReloadConfigRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ReloadConfigRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ReloadConfigRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut content__ = None;
                let mut format__ = None;
                let mut force__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Content => {
                            if content__.is_some() {
                                return Err(serde::de::Error::duplicate_field("content"));
                            }
                            content__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Format => {
                            if format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("format"));
                            }
                            format__ = Some(map_.next_value::<ConfigFormat>()? as i32);
                        }
                        GeneratedField::Force => {
                            if force__.is_some() {
                                return Err(serde::de::Error::duplicate_field("force"));
                            }
                            force__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ReloadConfigRequest {
                    content: content__.unwrap_or_default(),
                    format: format__.unwrap_or_default(),
                    force: force__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ReloadConfigRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ReloadConfigResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.revision.is_empty() {
            len += 1;
        }
        if !self.previous_revision.is_empty() {
            len += 1;
        }
        if !self.issues.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ReloadConfigResponse", len)?;
        if !self.revision.is_empty() {
            struct_ser.serialize_field("revision", &self.revision)?;
        }
        if !self.previous_revision.is_empty() {
            struct_ser.serialize_field("previousRevision", &self.previous_revision)?;
        }
        if !self.issues.is_empty() {
            struct_ser.serialize_field("issues", &self.issues)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ReloadConfigResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "revision",
            "previous_revision",
            "previousRevision",
            "issues",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Revision,
            PreviousRevision,
            Issues,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "revision" => Ok(GeneratedField::Revision),
                            "previousRevision" | "previous_revision" => Ok(GeneratedField::PreviousRevision),
                            "issues" => Ok(GeneratedField::Issues),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ReloadConfigResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ReloadConfigResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ReloadConfigResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut revision__ = None;
                let mut previous_revision__ = None;
                let mut issues__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PreviousRevision => {
                            if previous_revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("previousRevision"));
                            }
                            previous_revision__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Issues => {
                            if issues__.is_some() {
                                return Err(serde::de::Error::duplicate_field("issues"));
                            }
                            issues__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ReloadConfigResponse {
                    revision: revision__.unwrap_or_default(),
                    previous_revision: previous_revision__.unwrap_or_default(),
                    issues: issues__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ReloadConfigResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Render {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.context.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Render", len)?;
        if !self.context.is_empty() {
            struct_ser.serialize_field("context", &self.context)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Render {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "context",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Context,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "context" => Ok(GeneratedField::Context),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Render;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Render")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Render, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut context__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Context => {
                            if context__.is_some() {
                                return Err(serde::de::Error::duplicate_field("context"));
                            }
                            context__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Render {
                    context: context__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Render", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RenderedMessage {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.role.is_empty() {
            len += 1;
        }
        if !self.content.is_empty() {
            len += 1;
        }
        if self.source.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RenderedMessage", len)?;
        if !self.role.is_empty() {
            struct_ser.serialize_field("role", &self.role)?;
        }
        if !self.content.is_empty() {
            struct_ser.serialize_field("content", &self.content)?;
        }
        if let Some(v) = self.source.as_ref() {
            struct_ser.serialize_field("source", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RenderedMessage {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "role",
            "content",
            "source",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Role,
            Content,
            Source,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "role" => Ok(GeneratedField::Role),
                            "content" => Ok(GeneratedField::Content),
                            "source" => Ok(GeneratedField::Source),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RenderedMessage;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RenderedMessage")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RenderedMessage, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut role__ = None;
                let mut content__ = None;
                let mut source__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Role => {
                            if role__.is_some() {
                                return Err(serde::de::Error::duplicate_field("role"));
                            }
                            role__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Content => {
                            if content__.is_some() {
                                return Err(serde::de::Error::duplicate_field("content"));
                            }
                            content__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Source => {
                            if source__.is_some() {
                                return Err(serde::de::Error::duplicate_field("source"));
                            }
                            source__ = 
                                map_.next_value::<::std::option::Option<::pbjson::private::NumberDeserialize<_>>>()?.map(|x| x.0)
                            ;
                        }
                    }
                }
                Ok(RenderedMessage {
                    role: role__.unwrap_or_default(),
                    content: content__.unwrap_or_default(),
                    source: source__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RenderedMessage", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ReportOutcomesRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.reports.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ReportOutcomesRequest", len)?;
        if !self.reports.is_empty() {
            struct_ser.serialize_field("reports", &self.reports)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ReportOutcomesRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "reports",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Reports,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "reports" => Ok(GeneratedField::Reports),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ReportOutcomesRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ReportOutcomesRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ReportOutcomesRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut reports__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Reports => {
                            if reports__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reports"));
                            }
                            reports__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ReportOutcomesRequest {
                    reports: reports__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ReportOutcomesRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ReportOutcomesResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.results.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ReportOutcomesResponse", len)?;
        if !self.results.is_empty() {
            struct_ser.serialize_field("results", &self.results)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ReportOutcomesResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "results",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Results,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "results" => Ok(GeneratedField::Results),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ReportOutcomesResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ReportOutcomesResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ReportOutcomesResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut results__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Results => {
                            if results__.is_some() {
                                return Err(serde::de::Error::duplicate_field("results"));
                            }
                            results__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ReportOutcomesResponse {
                    results: results__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ReportOutcomesResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ReportResult {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.status != 0 {
            len += 1;
        }
        if !self.code.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ReportResult", len)?;
        if self.status != 0 {
            let v = ReportStatus::try_from(self.status)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.status)))?;
            struct_ser.serialize_field("status", &v)?;
        }
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ReportResult {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "status",
            "code",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Status,
            Code,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "status" => Ok(GeneratedField::Status),
                            "code" => Ok(GeneratedField::Code),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ReportResult;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ReportResult")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ReportResult, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut status__ = None;
                let mut code__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Status => {
                            if status__.is_some() {
                                return Err(serde::de::Error::duplicate_field("status"));
                            }
                            status__ = Some(map_.next_value::<ReportStatus>()? as i32);
                        }
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ReportResult {
                    status: status__.unwrap_or_default(),
                    code: code__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ReportResult", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ReportStatus {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "REPORT_STATUS_UNSPECIFIED",
            Self::Accepted => "REPORT_STATUS_ACCEPTED",
            Self::Duplicate => "REPORT_STATUS_DUPLICATE",
            Self::Expired => "REPORT_STATUS_EXPIRED",
            Self::Refused => "REPORT_STATUS_REFUSED",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for ReportStatus {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "REPORT_STATUS_UNSPECIFIED",
            "REPORT_STATUS_ACCEPTED",
            "REPORT_STATUS_DUPLICATE",
            "REPORT_STATUS_EXPIRED",
            "REPORT_STATUS_REFUSED",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = ReportStatus;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "REPORT_STATUS_UNSPECIFIED" => Ok(ReportStatus::Unspecified),
                    "REPORT_STATUS_ACCEPTED" => Ok(ReportStatus::Accepted),
                    "REPORT_STATUS_DUPLICATE" => Ok(ReportStatus::Duplicate),
                    "REPORT_STATUS_EXPIRED" => Ok(ReportStatus::Expired),
                    "REPORT_STATUS_REFUSED" => Ok(ReportStatus::Refused),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for Retrieval {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.collection.is_empty() {
            len += 1;
        }
        if self.top_k != 0 {
            len += 1;
        }
        if self.max_tokens != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Retrieval", len)?;
        if !self.collection.is_empty() {
            struct_ser.serialize_field("collection", &self.collection)?;
        }
        if self.top_k != 0 {
            struct_ser.serialize_field("topK", &self.top_k)?;
        }
        if self.max_tokens != 0 {
            struct_ser.serialize_field("maxTokens", &self.max_tokens)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Retrieval {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "collection",
            "top_k",
            "topK",
            "max_tokens",
            "maxTokens",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Collection,
            TopK,
            MaxTokens,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "collection" => Ok(GeneratedField::Collection),
                            "topK" | "top_k" => Ok(GeneratedField::TopK),
                            "maxTokens" | "max_tokens" => Ok(GeneratedField::MaxTokens),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Retrieval;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Retrieval")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Retrieval, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut collection__ = None;
                let mut top_k__ = None;
                let mut max_tokens__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Collection => {
                            if collection__.is_some() {
                                return Err(serde::de::Error::duplicate_field("collection"));
                            }
                            collection__ = Some(map_.next_value()?);
                        }
                        GeneratedField::TopK => {
                            if top_k__.is_some() {
                                return Err(serde::de::Error::duplicate_field("topK"));
                            }
                            top_k__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MaxTokens => {
                            if max_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxTokens"));
                            }
                            max_tokens__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Retrieval {
                    collection: collection__.unwrap_or_default(),
                    top_k: top_k__.unwrap_or_default(),
                    max_tokens: max_tokens__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Retrieval", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RevisionInfo {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.revision.is_empty() {
            len += 1;
        }
        if self.is_active {
            len += 1;
        }
        if self.activated_at.is_some() {
            len += 1;
        }
        if self.cause != 0 {
            len += 1;
        }
        if !self.activated_by.is_empty() {
            len += 1;
        }
        if self.source_bytes != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RevisionInfo", len)?;
        if !self.revision.is_empty() {
            struct_ser.serialize_field("revision", &self.revision)?;
        }
        if self.is_active {
            struct_ser.serialize_field("isActive", &self.is_active)?;
        }
        if let Some(v) = self.activated_at.as_ref() {
            struct_ser.serialize_field("activatedAt", v)?;
        }
        if self.cause != 0 {
            let v = ActivationCause::try_from(self.cause)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.cause)))?;
            struct_ser.serialize_field("cause", &v)?;
        }
        if !self.activated_by.is_empty() {
            struct_ser.serialize_field("activatedBy", &self.activated_by)?;
        }
        if self.source_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("sourceBytes", ToString::to_string(&self.source_bytes).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RevisionInfo {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "revision",
            "is_active",
            "isActive",
            "activated_at",
            "activatedAt",
            "cause",
            "activated_by",
            "activatedBy",
            "source_bytes",
            "sourceBytes",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Revision,
            IsActive,
            ActivatedAt,
            Cause,
            ActivatedBy,
            SourceBytes,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "revision" => Ok(GeneratedField::Revision),
                            "isActive" | "is_active" => Ok(GeneratedField::IsActive),
                            "activatedAt" | "activated_at" => Ok(GeneratedField::ActivatedAt),
                            "cause" => Ok(GeneratedField::Cause),
                            "activatedBy" | "activated_by" => Ok(GeneratedField::ActivatedBy),
                            "sourceBytes" | "source_bytes" => Ok(GeneratedField::SourceBytes),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RevisionInfo;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RevisionInfo")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RevisionInfo, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut revision__ = None;
                let mut is_active__ = None;
                let mut activated_at__ = None;
                let mut cause__ = None;
                let mut activated_by__ = None;
                let mut source_bytes__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = Some(map_.next_value()?);
                        }
                        GeneratedField::IsActive => {
                            if is_active__.is_some() {
                                return Err(serde::de::Error::duplicate_field("isActive"));
                            }
                            is_active__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ActivatedAt => {
                            if activated_at__.is_some() {
                                return Err(serde::de::Error::duplicate_field("activatedAt"));
                            }
                            activated_at__ = map_.next_value()?;
                        }
                        GeneratedField::Cause => {
                            if cause__.is_some() {
                                return Err(serde::de::Error::duplicate_field("cause"));
                            }
                            cause__ = Some(map_.next_value::<ActivationCause>()? as i32);
                        }
                        GeneratedField::ActivatedBy => {
                            if activated_by__.is_some() {
                                return Err(serde::de::Error::duplicate_field("activatedBy"));
                            }
                            activated_by__ = Some(map_.next_value()?);
                        }
                        GeneratedField::SourceBytes => {
                            if source_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sourceBytes"));
                            }
                            source_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(RevisionInfo {
                    revision: revision__.unwrap_or_default(),
                    is_active: is_active__.unwrap_or_default(),
                    activated_at: activated_at__,
                    cause: cause__.unwrap_or_default(),
                    activated_by: activated_by__.unwrap_or_default(),
                    source_bytes: source_bytes__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RevisionInfo", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Role {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "ROLE_UNSPECIFIED",
            Self::User => "ROLE_USER",
            Self::Assistant => "ROLE_ASSISTANT",
            Self::System => "ROLE_SYSTEM",
            Self::Tool => "ROLE_TOOL",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for Role {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "ROLE_UNSPECIFIED",
            "ROLE_USER",
            "ROLE_ASSISTANT",
            "ROLE_SYSTEM",
            "ROLE_TOOL",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = Role;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "ROLE_UNSPECIFIED" => Ok(Role::Unspecified),
                    "ROLE_USER" => Ok(Role::User),
                    "ROLE_ASSISTANT" => Ok(Role::Assistant),
                    "ROLE_SYSTEM" => Ok(Role::System),
                    "ROLE_TOOL" => Ok(Role::Tool),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for RouteBatchRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.requests.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RouteBatchRequest", len)?;
        if !self.requests.is_empty() {
            struct_ser.serialize_field("requests", &self.requests)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RouteBatchRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "requests",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Requests,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "requests" => Ok(GeneratedField::Requests),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RouteBatchRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RouteBatchRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RouteBatchRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut requests__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Requests => {
                            if requests__.is_some() {
                                return Err(serde::de::Error::duplicate_field("requests"));
                            }
                            requests__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RouteBatchRequest {
                    requests: requests__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RouteBatchRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RouteBatchResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.results.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RouteBatchResponse", len)?;
        if !self.results.is_empty() {
            struct_ser.serialize_field("results", &self.results)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RouteBatchResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "results",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Results,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "results" => Ok(GeneratedField::Results),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RouteBatchResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RouteBatchResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RouteBatchResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut results__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Results => {
                            if results__.is_some() {
                                return Err(serde::de::Error::duplicate_field("results"));
                            }
                            results__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RouteBatchResponse {
                    results: results__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RouteBatchResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RouteLine {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.route.is_empty() {
            len += 1;
        }
        if self.probability != 0. {
            len += 1;
        }
        if self.threshold != 0. {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RouteLine", len)?;
        if !self.route.is_empty() {
            struct_ser.serialize_field("route", &self.route)?;
        }
        if self.probability != 0. {
            struct_ser.serialize_field("probability", &self.probability)?;
        }
        if self.threshold != 0. {
            struct_ser.serialize_field("threshold", &self.threshold)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RouteLine {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "route",
            "probability",
            "threshold",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Route,
            Probability,
            Threshold,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "route" => Ok(GeneratedField::Route),
                            "probability" => Ok(GeneratedField::Probability),
                            "threshold" => Ok(GeneratedField::Threshold),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RouteLine;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RouteLine")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RouteLine, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut route__ = None;
                let mut probability__ = None;
                let mut threshold__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Route => {
                            if route__.is_some() {
                                return Err(serde::de::Error::duplicate_field("route"));
                            }
                            route__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Probability => {
                            if probability__.is_some() {
                                return Err(serde::de::Error::duplicate_field("probability"));
                            }
                            probability__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Threshold => {
                            if threshold__.is_some() {
                                return Err(serde::de::Error::duplicate_field("threshold"));
                            }
                            threshold__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(RouteLine {
                    route: route__.unwrap_or_default(),
                    probability: probability__.unwrap_or_default(),
                    threshold: threshold__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RouteLine", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RouteRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.text.is_some() {
            len += 1;
        }
        if !self.messages.is_empty() {
            len += 1;
        }
        if self.task.is_some() {
            len += 1;
        }
        if !self.metadata.is_empty() {
            len += 1;
        }
        if !self.capabilities.is_empty() {
            len += 1;
        }
        if self.tools_tokens != 0 {
            len += 1;
        }
        if self.limits.is_some() {
            len += 1;
        }
        if !self.unavailable_models.is_empty() {
            len += 1;
        }
        if self.seed != 0 {
            len += 1;
        }
        if self.answer.is_some() {
            len += 1;
        }
        if self.return_question {
            len += 1;
        }
        if self.view != 0 {
            len += 1;
        }
        if self.render.is_some() {
            len += 1;
        }
        if !self.revision.is_empty() {
            len += 1;
        }
        if self.session.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RouteRequest", len)?;
        if let Some(v) = self.text.as_ref() {
            struct_ser.serialize_field("text", v)?;
        }
        if !self.messages.is_empty() {
            struct_ser.serialize_field("messages", &self.messages)?;
        }
        if let Some(v) = self.task.as_ref() {
            struct_ser.serialize_field("task", v)?;
        }
        if !self.metadata.is_empty() {
            struct_ser.serialize_field("metadata", &self.metadata)?;
        }
        if !self.capabilities.is_empty() {
            let v = self.capabilities.iter().cloned().map(|v| {
                Capability::try_from(v)
                    .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", v)))
                }).collect::<std::result::Result<Vec<_>, _>>()?;
            struct_ser.serialize_field("capabilities", &v)?;
        }
        if self.tools_tokens != 0 {
            struct_ser.serialize_field("toolsTokens", &self.tools_tokens)?;
        }
        if let Some(v) = self.limits.as_ref() {
            struct_ser.serialize_field("limits", v)?;
        }
        if !self.unavailable_models.is_empty() {
            struct_ser.serialize_field("unavailableModels", &self.unavailable_models)?;
        }
        if self.seed != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("seed", ToString::to_string(&self.seed).as_str())?;
        }
        if let Some(v) = self.answer.as_ref() {
            struct_ser.serialize_field("answer", v)?;
        }
        if self.return_question {
            struct_ser.serialize_field("returnQuestion", &self.return_question)?;
        }
        if self.view != 0 {
            let v = DecisionView::try_from(self.view)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.view)))?;
            struct_ser.serialize_field("view", &v)?;
        }
        if let Some(v) = self.render.as_ref() {
            struct_ser.serialize_field("render", v)?;
        }
        if !self.revision.is_empty() {
            struct_ser.serialize_field("revision", &self.revision)?;
        }
        if let Some(v) = self.session.as_ref() {
            struct_ser.serialize_field("session", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RouteRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "text",
            "messages",
            "task",
            "metadata",
            "capabilities",
            "tools_tokens",
            "toolsTokens",
            "limits",
            "unavailable_models",
            "unavailableModels",
            "seed",
            "answer",
            "return_question",
            "returnQuestion",
            "view",
            "render",
            "revision",
            "session",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Text,
            Messages,
            Task,
            Metadata,
            Capabilities,
            ToolsTokens,
            Limits,
            UnavailableModels,
            Seed,
            Answer,
            ReturnQuestion,
            View,
            Render,
            Revision,
            Session,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "text" => Ok(GeneratedField::Text),
                            "messages" => Ok(GeneratedField::Messages),
                            "task" => Ok(GeneratedField::Task),
                            "metadata" => Ok(GeneratedField::Metadata),
                            "capabilities" => Ok(GeneratedField::Capabilities),
                            "toolsTokens" | "tools_tokens" => Ok(GeneratedField::ToolsTokens),
                            "limits" => Ok(GeneratedField::Limits),
                            "unavailableModels" | "unavailable_models" => Ok(GeneratedField::UnavailableModels),
                            "seed" => Ok(GeneratedField::Seed),
                            "answer" => Ok(GeneratedField::Answer),
                            "returnQuestion" | "return_question" => Ok(GeneratedField::ReturnQuestion),
                            "view" => Ok(GeneratedField::View),
                            "render" => Ok(GeneratedField::Render),
                            "revision" => Ok(GeneratedField::Revision),
                            "session" => Ok(GeneratedField::Session),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RouteRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RouteRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RouteRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut text__ = None;
                let mut messages__ = None;
                let mut task__ = None;
                let mut metadata__ = None;
                let mut capabilities__ = None;
                let mut tools_tokens__ = None;
                let mut limits__ = None;
                let mut unavailable_models__ = None;
                let mut seed__ = None;
                let mut answer__ = None;
                let mut return_question__ = None;
                let mut view__ = None;
                let mut render__ = None;
                let mut revision__ = None;
                let mut session__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Text => {
                            if text__.is_some() {
                                return Err(serde::de::Error::duplicate_field("text"));
                            }
                            text__ = map_.next_value()?;
                        }
                        GeneratedField::Messages => {
                            if messages__.is_some() {
                                return Err(serde::de::Error::duplicate_field("messages"));
                            }
                            messages__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Task => {
                            if task__.is_some() {
                                return Err(serde::de::Error::duplicate_field("task"));
                            }
                            task__ = map_.next_value()?;
                        }
                        GeneratedField::Metadata => {
                            if metadata__.is_some() {
                                return Err(serde::de::Error::duplicate_field("metadata"));
                            }
                            metadata__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Capabilities => {
                            if capabilities__.is_some() {
                                return Err(serde::de::Error::duplicate_field("capabilities"));
                            }
                            capabilities__ = Some(map_.next_value::<Vec<Capability>>()?.into_iter().map(|x| x as i32).collect());
                        }
                        GeneratedField::ToolsTokens => {
                            if tools_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("toolsTokens"));
                            }
                            tools_tokens__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Limits => {
                            if limits__.is_some() {
                                return Err(serde::de::Error::duplicate_field("limits"));
                            }
                            limits__ = map_.next_value()?;
                        }
                        GeneratedField::UnavailableModels => {
                            if unavailable_models__.is_some() {
                                return Err(serde::de::Error::duplicate_field("unavailableModels"));
                            }
                            unavailable_models__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Seed => {
                            if seed__.is_some() {
                                return Err(serde::de::Error::duplicate_field("seed"));
                            }
                            seed__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Answer => {
                            if answer__.is_some() {
                                return Err(serde::de::Error::duplicate_field("answer"));
                            }
                            answer__ = map_.next_value()?;
                        }
                        GeneratedField::ReturnQuestion => {
                            if return_question__.is_some() {
                                return Err(serde::de::Error::duplicate_field("returnQuestion"));
                            }
                            return_question__ = Some(map_.next_value()?);
                        }
                        GeneratedField::View => {
                            if view__.is_some() {
                                return Err(serde::de::Error::duplicate_field("view"));
                            }
                            view__ = Some(map_.next_value::<DecisionView>()? as i32);
                        }
                        GeneratedField::Render => {
                            if render__.is_some() {
                                return Err(serde::de::Error::duplicate_field("render"));
                            }
                            render__ = map_.next_value()?;
                        }
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Session => {
                            if session__.is_some() {
                                return Err(serde::de::Error::duplicate_field("session"));
                            }
                            session__ = map_.next_value()?;
                        }
                    }
                }
                Ok(RouteRequest {
                    text: text__,
                    messages: messages__.unwrap_or_default(),
                    task: task__,
                    metadata: metadata__.unwrap_or_default(),
                    capabilities: capabilities__.unwrap_or_default(),
                    tools_tokens: tools_tokens__.unwrap_or_default(),
                    limits: limits__,
                    unavailable_models: unavailable_models__.unwrap_or_default(),
                    seed: seed__.unwrap_or_default(),
                    answer: answer__,
                    return_question: return_question__.unwrap_or_default(),
                    view: view__.unwrap_or_default(),
                    render: render__,
                    revision: revision__.unwrap_or_default(),
                    session: session__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RouteRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RouteResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.result.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RouteResponse", len)?;
        if let Some(v) = self.result.as_ref() {
            match v {
                route_response::Result::Decision(v) => {
                    struct_ser.serialize_field("decision", v)?;
                }
                route_response::Result::Question(v) => {
                    struct_ser.serialize_field("question", v)?;
                }
            }
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RouteResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "decision",
            "question",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Decision,
            Question,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "decision" => Ok(GeneratedField::Decision),
                            "question" => Ok(GeneratedField::Question),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RouteResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RouteResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RouteResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut result__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Decision => {
                            if result__.is_some() {
                                return Err(serde::de::Error::duplicate_field("decision"));
                            }
                            result__ = map_.next_value::<::std::option::Option<_>>()?.map(route_response::Result::Decision)
;
                        }
                        GeneratedField::Question => {
                            if result__.is_some() {
                                return Err(serde::de::Error::duplicate_field("question"));
                            }
                            result__ = map_.next_value::<::std::option::Option<_>>()?.map(route_response::Result::Question)
;
                        }
                    }
                }
                Ok(RouteResponse {
                    result: result__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RouteResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RouteResult {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.result.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RouteResult", len)?;
        if let Some(v) = self.result.as_ref() {
            match v {
                route_result::Result::Response(v) => {
                    struct_ser.serialize_field("response", v)?;
                }
                route_result::Result::Error(v) => {
                    struct_ser.serialize_field("error", v)?;
                }
            }
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RouteResult {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "response",
            "error",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Response,
            Error,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "response" => Ok(GeneratedField::Response),
                            "error" => Ok(GeneratedField::Error),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RouteResult;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RouteResult")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RouteResult, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut result__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Response => {
                            if result__.is_some() {
                                return Err(serde::de::Error::duplicate_field("response"));
                            }
                            result__ = map_.next_value::<::std::option::Option<_>>()?.map(route_result::Result::Response)
;
                        }
                        GeneratedField::Error => {
                            if result__.is_some() {
                                return Err(serde::de::Error::duplicate_field("error"));
                            }
                            result__ = map_.next_value::<::std::option::Option<_>>()?.map(route_result::Result::Error)
;
                        }
                    }
                }
                Ok(RouteResult {
                    result: result__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RouteResult", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RouteStreamRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if self.request.is_some() {
            len += 1;
        }
        if self.in_order {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RouteStreamRequest", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if let Some(v) = self.request.as_ref() {
            struct_ser.serialize_field("request", v)?;
        }
        if self.in_order {
            struct_ser.serialize_field("inOrder", &self.in_order)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RouteStreamRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "request",
            "in_order",
            "inOrder",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            Request,
            InOrder,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "request" => Ok(GeneratedField::Request),
                            "inOrder" | "in_order" => Ok(GeneratedField::InOrder),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RouteStreamRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RouteStreamRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RouteStreamRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut request__ = None;
                let mut in_order__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Request => {
                            if request__.is_some() {
                                return Err(serde::de::Error::duplicate_field("request"));
                            }
                            request__ = map_.next_value()?;
                        }
                        GeneratedField::InOrder => {
                            if in_order__.is_some() {
                                return Err(serde::de::Error::duplicate_field("inOrder"));
                            }
                            in_order__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RouteStreamRequest {
                    id: id__.unwrap_or_default(),
                    request: request__,
                    in_order: in_order__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RouteStreamRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RouteStreamResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if self.result.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RouteStreamResponse", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if let Some(v) = self.result.as_ref() {
            match v {
                route_stream_response::Result::Response(v) => {
                    struct_ser.serialize_field("response", v)?;
                }
                route_stream_response::Result::Error(v) => {
                    struct_ser.serialize_field("error", v)?;
                }
            }
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RouteStreamResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "response",
            "error",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            Response,
            Error,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "response" => Ok(GeneratedField::Response),
                            "error" => Ok(GeneratedField::Error),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RouteStreamResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RouteStreamResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RouteStreamResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut result__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Response => {
                            if result__.is_some() {
                                return Err(serde::de::Error::duplicate_field("response"));
                            }
                            result__ = map_.next_value::<::std::option::Option<_>>()?.map(route_stream_response::Result::Response)
;
                        }
                        GeneratedField::Error => {
                            if result__.is_some() {
                                return Err(serde::de::Error::duplicate_field("error"));
                            }
                            result__ = map_.next_value::<::std::option::Option<_>>()?.map(route_stream_response::Result::Error)
;
                        }
                    }
                }
                Ok(RouteStreamResponse {
                    id: id__.unwrap_or_default(),
                    result: result__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RouteStreamResponse", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for RuleLine {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.rule.is_empty() {
            len += 1;
        }
        if self.value != 0 {
            len += 1;
        }
        if !self.decided.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.RuleLine", len)?;
        if !self.rule.is_empty() {
            struct_ser.serialize_field("rule", &self.rule)?;
        }
        if self.value != 0 {
            let v = Truth::try_from(self.value)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.value)))?;
            struct_ser.serialize_field("value", &v)?;
        }
        if !self.decided.is_empty() {
            struct_ser.serialize_field("decided", &self.decided)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for RuleLine {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "rule",
            "value",
            "decided",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Rule,
            Value,
            Decided,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "rule" => Ok(GeneratedField::Rule),
                            "value" => Ok(GeneratedField::Value),
                            "decided" => Ok(GeneratedField::Decided),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = RuleLine;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.RuleLine")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<RuleLine, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut rule__ = None;
                let mut value__ = None;
                let mut decided__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Rule => {
                            if rule__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rule"));
                            }
                            rule__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Value => {
                            if value__.is_some() {
                                return Err(serde::de::Error::duplicate_field("value"));
                            }
                            value__ = Some(map_.next_value::<Truth>()? as i32);
                        }
                        GeneratedField::Decided => {
                            if decided__.is_some() {
                                return Err(serde::de::Error::duplicate_field("decided"));
                            }
                            decided__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(RuleLine {
                    rule: rule__.unwrap_or_default(),
                    value: value__.unwrap_or_default(),
                    decided: decided__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.RuleLine", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Session {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.id.is_empty() {
            len += 1;
        }
        if !self.state.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Session", len)?;
        if !self.id.is_empty() {
            struct_ser.serialize_field("id", &self.id)?;
        }
        if !self.state.is_empty() {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("state", pbjson::private::base64::encode(&self.state).as_str())?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Session {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "id",
            "state",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Id,
            State,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "id" => Ok(GeneratedField::Id),
                            "state" => Ok(GeneratedField::State),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Session;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Session")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Session, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut id__ = None;
                let mut state__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Id => {
                            if id__.is_some() {
                                return Err(serde::de::Error::duplicate_field("id"));
                            }
                            id__ = Some(map_.next_value()?);
                        }
                        GeneratedField::State => {
                            if state__.is_some() {
                                return Err(serde::de::Error::duplicate_field("state"));
                            }
                            state__ = 
                                Some(map_.next_value::<::pbjson::private::BytesDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Session {
                    id: id__.unwrap_or_default(),
                    state: state__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Session", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Severity {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "SEVERITY_UNSPECIFIED",
            Self::Error => "SEVERITY_ERROR",
            Self::Warning => "SEVERITY_WARNING",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for Severity {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "SEVERITY_UNSPECIFIED",
            "SEVERITY_ERROR",
            "SEVERITY_WARNING",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = Severity;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "SEVERITY_UNSPECIFIED" => Ok(Severity::Unspecified),
                    "SEVERITY_ERROR" => Ok(Severity::Error),
                    "SEVERITY_WARNING" => Ok(Severity::Warning),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for SignalLine {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.signal.is_empty() {
            len += 1;
        }
        if !self.reads.is_empty() {
            len += 1;
        }
        if !self.value_json.is_empty() {
            len += 1;
        }
        if self.truth != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.SignalLine", len)?;
        if !self.signal.is_empty() {
            struct_ser.serialize_field("signal", &self.signal)?;
        }
        if !self.reads.is_empty() {
            struct_ser.serialize_field("reads", &self.reads)?;
        }
        if !self.value_json.is_empty() {
            struct_ser.serialize_field("valueJson", &self.value_json)?;
        }
        if self.truth != 0 {
            let v = Truth::try_from(self.truth)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.truth)))?;
            struct_ser.serialize_field("truth", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for SignalLine {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "signal",
            "reads",
            "value_json",
            "valueJson",
            "truth",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Signal,
            Reads,
            ValueJson,
            Truth,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "signal" => Ok(GeneratedField::Signal),
                            "reads" => Ok(GeneratedField::Reads),
                            "valueJson" | "value_json" => Ok(GeneratedField::ValueJson),
                            "truth" => Ok(GeneratedField::Truth),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = SignalLine;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.SignalLine")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<SignalLine, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut signal__ = None;
                let mut reads__ = None;
                let mut value_json__ = None;
                let mut truth__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Signal => {
                            if signal__.is_some() {
                                return Err(serde::de::Error::duplicate_field("signal"));
                            }
                            signal__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Reads => {
                            if reads__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reads"));
                            }
                            reads__ = Some(map_.next_value()?);
                        }
                        GeneratedField::ValueJson => {
                            if value_json__.is_some() {
                                return Err(serde::de::Error::duplicate_field("valueJson"));
                            }
                            value_json__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Truth => {
                            if truth__.is_some() {
                                return Err(serde::de::Error::duplicate_field("truth"));
                            }
                            truth__ = Some(map_.next_value::<Truth>()? as i32);
                        }
                    }
                }
                Ok(SignalLine {
                    signal: signal__.unwrap_or_default(),
                    reads: reads__.unwrap_or_default(),
                    value_json: value_json__.unwrap_or_default(),
                    truth: truth__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.SignalLine", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for SimilarityLines {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.is_known {
            len += 1;
        }
        if !self.routes.is_empty() {
            len += 1;
        }
        if self.background != 0. {
            len += 1;
        }
        if self.margin != 0. {
            len += 1;
        }
        if !self.nearest.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.SimilarityLines", len)?;
        if self.is_known {
            struct_ser.serialize_field("isKnown", &self.is_known)?;
        }
        if !self.routes.is_empty() {
            struct_ser.serialize_field("routes", &self.routes)?;
        }
        if self.background != 0. {
            struct_ser.serialize_field("background", &self.background)?;
        }
        if self.margin != 0. {
            struct_ser.serialize_field("margin", &self.margin)?;
        }
        if !self.nearest.is_empty() {
            struct_ser.serialize_field("nearest", &self.nearest)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for SimilarityLines {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "is_known",
            "isKnown",
            "routes",
            "background",
            "margin",
            "nearest",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            IsKnown,
            Routes,
            Background,
            Margin,
            Nearest,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "isKnown" | "is_known" => Ok(GeneratedField::IsKnown),
                            "routes" => Ok(GeneratedField::Routes),
                            "background" => Ok(GeneratedField::Background),
                            "margin" => Ok(GeneratedField::Margin),
                            "nearest" => Ok(GeneratedField::Nearest),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = SimilarityLines;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.SimilarityLines")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<SimilarityLines, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut is_known__ = None;
                let mut routes__ = None;
                let mut background__ = None;
                let mut margin__ = None;
                let mut nearest__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::IsKnown => {
                            if is_known__.is_some() {
                                return Err(serde::de::Error::duplicate_field("isKnown"));
                            }
                            is_known__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Routes => {
                            if routes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("routes"));
                            }
                            routes__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Background => {
                            if background__.is_some() {
                                return Err(serde::de::Error::duplicate_field("background"));
                            }
                            background__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Margin => {
                            if margin__.is_some() {
                                return Err(serde::de::Error::duplicate_field("margin"));
                            }
                            margin__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Nearest => {
                            if nearest__.is_some() {
                                return Err(serde::de::Error::duplicate_field("nearest"));
                            }
                            nearest__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(SimilarityLines {
                    is_known: is_known__.unwrap_or_default(),
                    routes: routes__.unwrap_or_default(),
                    background: background__.unwrap_or_default(),
                    margin: margin__.unwrap_or_default(),
                    nearest: nearest__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.SimilarityLines", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Sizes {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.routes != 0 {
            len += 1;
        }
        if self.models != 0 {
            len += 1;
        }
        if self.rules != 0 {
            len += 1;
        }
        if self.prompts != 0 {
            len += 1;
        }
        if self.examples != 0 {
            len += 1;
        }
        if self.source_bytes != 0 {
            len += 1;
        }
        if self.build_time.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Sizes", len)?;
        if self.routes != 0 {
            struct_ser.serialize_field("routes", &self.routes)?;
        }
        if self.models != 0 {
            struct_ser.serialize_field("models", &self.models)?;
        }
        if self.rules != 0 {
            struct_ser.serialize_field("rules", &self.rules)?;
        }
        if self.prompts != 0 {
            struct_ser.serialize_field("prompts", &self.prompts)?;
        }
        if self.examples != 0 {
            struct_ser.serialize_field("examples", &self.examples)?;
        }
        if self.source_bytes != 0 {
            #[allow(clippy::needless_borrow)]
            #[allow(clippy::needless_borrows_for_generic_args)]
            struct_ser.serialize_field("sourceBytes", ToString::to_string(&self.source_bytes).as_str())?;
        }
        if let Some(v) = self.build_time.as_ref() {
            struct_ser.serialize_field("buildTime", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Sizes {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "routes",
            "models",
            "rules",
            "prompts",
            "examples",
            "source_bytes",
            "sourceBytes",
            "build_time",
            "buildTime",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Routes,
            Models,
            Rules,
            Prompts,
            Examples,
            SourceBytes,
            BuildTime,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "routes" => Ok(GeneratedField::Routes),
                            "models" => Ok(GeneratedField::Models),
                            "rules" => Ok(GeneratedField::Rules),
                            "prompts" => Ok(GeneratedField::Prompts),
                            "examples" => Ok(GeneratedField::Examples),
                            "sourceBytes" | "source_bytes" => Ok(GeneratedField::SourceBytes),
                            "buildTime" | "build_time" => Ok(GeneratedField::BuildTime),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Sizes;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Sizes")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Sizes, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut routes__ = None;
                let mut models__ = None;
                let mut rules__ = None;
                let mut prompts__ = None;
                let mut examples__ = None;
                let mut source_bytes__ = None;
                let mut build_time__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Routes => {
                            if routes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("routes"));
                            }
                            routes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Models => {
                            if models__.is_some() {
                                return Err(serde::de::Error::duplicate_field("models"));
                            }
                            models__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Rules => {
                            if rules__.is_some() {
                                return Err(serde::de::Error::duplicate_field("rules"));
                            }
                            rules__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Prompts => {
                            if prompts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("prompts"));
                            }
                            prompts__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Examples => {
                            if examples__.is_some() {
                                return Err(serde::de::Error::duplicate_field("examples"));
                            }
                            examples__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::SourceBytes => {
                            if source_bytes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("sourceBytes"));
                            }
                            source_bytes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::BuildTime => {
                            if build_time__.is_some() {
                                return Err(serde::de::Error::duplicate_field("buildTime"));
                            }
                            build_time__ = map_.next_value()?;
                        }
                    }
                }
                Ok(Sizes {
                    routes: routes__.unwrap_or_default(),
                    models: models__.unwrap_or_default(),
                    rules: rules__.unwrap_or_default(),
                    prompts: prompts__.unwrap_or_default(),
                    examples: examples__.unwrap_or_default(),
                    source_bytes: source_bytes__.unwrap_or_default(),
                    build_time: build_time__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Sizes", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Split {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.model.is_empty() {
            len += 1;
        }
        if self.part_tokens != 0 {
            len += 1;
        }
        if self.overlap_tokens != 0 {
            len += 1;
        }
        if self.max_parts != 0 {
            len += 1;
        }
        if !self.reduce.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Split", len)?;
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if self.part_tokens != 0 {
            struct_ser.serialize_field("partTokens", &self.part_tokens)?;
        }
        if self.overlap_tokens != 0 {
            struct_ser.serialize_field("overlapTokens", &self.overlap_tokens)?;
        }
        if self.max_parts != 0 {
            struct_ser.serialize_field("maxParts", &self.max_parts)?;
        }
        if !self.reduce.is_empty() {
            struct_ser.serialize_field("reduce", &self.reduce)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Split {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "model",
            "part_tokens",
            "partTokens",
            "overlap_tokens",
            "overlapTokens",
            "max_parts",
            "maxParts",
            "reduce",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Model,
            PartTokens,
            OverlapTokens,
            MaxParts,
            Reduce,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "model" => Ok(GeneratedField::Model),
                            "partTokens" | "part_tokens" => Ok(GeneratedField::PartTokens),
                            "overlapTokens" | "overlap_tokens" => Ok(GeneratedField::OverlapTokens),
                            "maxParts" | "max_parts" => Ok(GeneratedField::MaxParts),
                            "reduce" => Ok(GeneratedField::Reduce),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Split;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Split")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Split, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut model__ = None;
                let mut part_tokens__ = None;
                let mut overlap_tokens__ = None;
                let mut max_parts__ = None;
                let mut reduce__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::PartTokens => {
                            if part_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("partTokens"));
                            }
                            part_tokens__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::OverlapTokens => {
                            if overlap_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("overlapTokens"));
                            }
                            overlap_tokens__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::MaxParts => {
                            if max_parts__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxParts"));
                            }
                            max_parts__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Reduce => {
                            if reduce__.is_some() {
                                return Err(serde::de::Error::duplicate_field("reduce"));
                            }
                            reduce__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(Split {
                    model: model__.unwrap_or_default(),
                    part_tokens: part_tokens__.unwrap_or_default(),
                    overlap_tokens: overlap_tokens__.unwrap_or_default(),
                    max_parts: max_parts__.unwrap_or_default(),
                    reduce: reduce__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Split", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for StageLine {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.stage.is_empty() {
            len += 1;
        }
        if !self.result.is_empty() {
            len += 1;
        }
        if !self.detail.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.StageLine", len)?;
        if !self.stage.is_empty() {
            struct_ser.serialize_field("stage", &self.stage)?;
        }
        if !self.result.is_empty() {
            struct_ser.serialize_field("result", &self.result)?;
        }
        if !self.detail.is_empty() {
            struct_ser.serialize_field("detail", &self.detail)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for StageLine {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "stage",
            "result",
            "detail",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Stage,
            Result,
            Detail,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "stage" => Ok(GeneratedField::Stage),
                            "result" => Ok(GeneratedField::Result),
                            "detail" => Ok(GeneratedField::Detail),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = StageLine;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.StageLine")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<StageLine, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut stage__ = None;
                let mut result__ = None;
                let mut detail__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Stage => {
                            if stage__.is_some() {
                                return Err(serde::de::Error::duplicate_field("stage"));
                            }
                            stage__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Result => {
                            if result__.is_some() {
                                return Err(serde::de::Error::duplicate_field("result"));
                            }
                            result__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Detail => {
                            if detail__.is_some() {
                                return Err(serde::de::Error::duplicate_field("detail"));
                            }
                            detail__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(StageLine {
                    stage: stage__.unwrap_or_default(),
                    result: result__.unwrap_or_default(),
                    detail: detail__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.StageLine", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Summarise {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.model.is_empty() {
            len += 1;
        }
        if self.max_tokens != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.Summarise", len)?;
        if !self.model.is_empty() {
            struct_ser.serialize_field("model", &self.model)?;
        }
        if self.max_tokens != 0 {
            struct_ser.serialize_field("maxTokens", &self.max_tokens)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for Summarise {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "model",
            "max_tokens",
            "maxTokens",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Model,
            MaxTokens,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "model" => Ok(GeneratedField::Model),
                            "maxTokens" | "max_tokens" => Ok(GeneratedField::MaxTokens),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = Summarise;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.Summarise")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<Summarise, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut model__ = None;
                let mut max_tokens__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Model => {
                            if model__.is_some() {
                                return Err(serde::de::Error::duplicate_field("model"));
                            }
                            model__ = Some(map_.next_value()?);
                        }
                        GeneratedField::MaxTokens => {
                            if max_tokens__.is_some() {
                                return Err(serde::de::Error::duplicate_field("maxTokens"));
                            }
                            max_tokens__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                    }
                }
                Ok(Summarise {
                    model: model__.unwrap_or_default(),
                    max_tokens: max_tokens__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.Summarise", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TargetHealth {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.target.is_empty() {
            len += 1;
        }
        if !self.scope.is_empty() {
            len += 1;
        }
        if self.state != 0 {
            len += 1;
        }
        if self.forced != 0 {
            len += 1;
        }
        if self.retry_after.is_some() {
            len += 1;
        }
        if self.calls != 0 {
            len += 1;
        }
        if self.failures != 0 {
            len += 1;
        }
        if self.slow_calls != 0 {
            len += 1;
        }
        if self.consecutive_failures != 0 {
            len += 1;
        }
        if self.probes != 0 {
            len += 1;
        }
        if self.first_token.is_some() {
            len += 1;
        }
        if self.per_token.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.TargetHealth", len)?;
        if !self.target.is_empty() {
            struct_ser.serialize_field("target", &self.target)?;
        }
        if !self.scope.is_empty() {
            struct_ser.serialize_field("scope", &self.scope)?;
        }
        if self.state != 0 {
            let v = HealthState::try_from(self.state)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.state)))?;
            struct_ser.serialize_field("state", &v)?;
        }
        if self.forced != 0 {
            let v = ForcedHealth::try_from(self.forced)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.forced)))?;
            struct_ser.serialize_field("forced", &v)?;
        }
        if let Some(v) = self.retry_after.as_ref() {
            struct_ser.serialize_field("retryAfter", v)?;
        }
        if self.calls != 0 {
            struct_ser.serialize_field("calls", &self.calls)?;
        }
        if self.failures != 0 {
            struct_ser.serialize_field("failures", &self.failures)?;
        }
        if self.slow_calls != 0 {
            struct_ser.serialize_field("slowCalls", &self.slow_calls)?;
        }
        if self.consecutive_failures != 0 {
            struct_ser.serialize_field("consecutiveFailures", &self.consecutive_failures)?;
        }
        if self.probes != 0 {
            struct_ser.serialize_field("probes", &self.probes)?;
        }
        if let Some(v) = self.first_token.as_ref() {
            struct_ser.serialize_field("firstToken", v)?;
        }
        if let Some(v) = self.per_token.as_ref() {
            struct_ser.serialize_field("perToken", v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TargetHealth {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "target",
            "scope",
            "state",
            "forced",
            "retry_after",
            "retryAfter",
            "calls",
            "failures",
            "slow_calls",
            "slowCalls",
            "consecutive_failures",
            "consecutiveFailures",
            "probes",
            "first_token",
            "firstToken",
            "per_token",
            "perToken",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Target,
            Scope,
            State,
            Forced,
            RetryAfter,
            Calls,
            Failures,
            SlowCalls,
            ConsecutiveFailures,
            Probes,
            FirstToken,
            PerToken,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "target" => Ok(GeneratedField::Target),
                            "scope" => Ok(GeneratedField::Scope),
                            "state" => Ok(GeneratedField::State),
                            "forced" => Ok(GeneratedField::Forced),
                            "retryAfter" | "retry_after" => Ok(GeneratedField::RetryAfter),
                            "calls" => Ok(GeneratedField::Calls),
                            "failures" => Ok(GeneratedField::Failures),
                            "slowCalls" | "slow_calls" => Ok(GeneratedField::SlowCalls),
                            "consecutiveFailures" | "consecutive_failures" => Ok(GeneratedField::ConsecutiveFailures),
                            "probes" => Ok(GeneratedField::Probes),
                            "firstToken" | "first_token" => Ok(GeneratedField::FirstToken),
                            "perToken" | "per_token" => Ok(GeneratedField::PerToken),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TargetHealth;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.TargetHealth")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TargetHealth, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut target__ = None;
                let mut scope__ = None;
                let mut state__ = None;
                let mut forced__ = None;
                let mut retry_after__ = None;
                let mut calls__ = None;
                let mut failures__ = None;
                let mut slow_calls__ = None;
                let mut consecutive_failures__ = None;
                let mut probes__ = None;
                let mut first_token__ = None;
                let mut per_token__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Target => {
                            if target__.is_some() {
                                return Err(serde::de::Error::duplicate_field("target"));
                            }
                            target__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Scope => {
                            if scope__.is_some() {
                                return Err(serde::de::Error::duplicate_field("scope"));
                            }
                            scope__ = Some(map_.next_value()?);
                        }
                        GeneratedField::State => {
                            if state__.is_some() {
                                return Err(serde::de::Error::duplicate_field("state"));
                            }
                            state__ = Some(map_.next_value::<HealthState>()? as i32);
                        }
                        GeneratedField::Forced => {
                            if forced__.is_some() {
                                return Err(serde::de::Error::duplicate_field("forced"));
                            }
                            forced__ = Some(map_.next_value::<ForcedHealth>()? as i32);
                        }
                        GeneratedField::RetryAfter => {
                            if retry_after__.is_some() {
                                return Err(serde::de::Error::duplicate_field("retryAfter"));
                            }
                            retry_after__ = map_.next_value()?;
                        }
                        GeneratedField::Calls => {
                            if calls__.is_some() {
                                return Err(serde::de::Error::duplicate_field("calls"));
                            }
                            calls__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Failures => {
                            if failures__.is_some() {
                                return Err(serde::de::Error::duplicate_field("failures"));
                            }
                            failures__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::SlowCalls => {
                            if slow_calls__.is_some() {
                                return Err(serde::de::Error::duplicate_field("slowCalls"));
                            }
                            slow_calls__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::ConsecutiveFailures => {
                            if consecutive_failures__.is_some() {
                                return Err(serde::de::Error::duplicate_field("consecutiveFailures"));
                            }
                            consecutive_failures__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::Probes => {
                            if probes__.is_some() {
                                return Err(serde::de::Error::duplicate_field("probes"));
                            }
                            probes__ = 
                                Some(map_.next_value::<::pbjson::private::NumberDeserialize<_>>()?.0)
                            ;
                        }
                        GeneratedField::FirstToken => {
                            if first_token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("firstToken"));
                            }
                            first_token__ = map_.next_value()?;
                        }
                        GeneratedField::PerToken => {
                            if per_token__.is_some() {
                                return Err(serde::de::Error::duplicate_field("perToken"));
                            }
                            per_token__ = map_.next_value()?;
                        }
                    }
                }
                Ok(TargetHealth {
                    target: target__.unwrap_or_default(),
                    scope: scope__.unwrap_or_default(),
                    state: state__.unwrap_or_default(),
                    forced: forced__.unwrap_or_default(),
                    retry_after: retry_after__,
                    calls: calls__.unwrap_or_default(),
                    failures: failures__.unwrap_or_default(),
                    slow_calls: slow_calls__.unwrap_or_default(),
                    consecutive_failures: consecutive_failures__.unwrap_or_default(),
                    probes: probes__.unwrap_or_default(),
                    first_token: first_token__,
                    per_token: per_token__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.TargetHealth", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for TooLong {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.way.is_some() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.TooLong", len)?;
        if let Some(v) = self.way.as_ref() {
            match v {
                too_long::Way::Larger(v) => {
                    struct_ser.serialize_field("larger", v)?;
                }
                too_long::Way::Split(v) => {
                    struct_ser.serialize_field("split", v)?;
                }
                too_long::Way::Summarise(v) => {
                    struct_ser.serialize_field("summarise", v)?;
                }
            }
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for TooLong {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "larger",
            "split",
            "summarise",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Larger,
            Split,
            Summarise,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "larger" => Ok(GeneratedField::Larger),
                            "split" => Ok(GeneratedField::Split),
                            "summarise" => Ok(GeneratedField::Summarise),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = TooLong;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.TooLong")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<TooLong, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut way__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Larger => {
                            if way__.is_some() {
                                return Err(serde::de::Error::duplicate_field("larger"));
                            }
                            way__ = map_.next_value::<::std::option::Option<_>>()?.map(too_long::Way::Larger)
;
                        }
                        GeneratedField::Split => {
                            if way__.is_some() {
                                return Err(serde::de::Error::duplicate_field("split"));
                            }
                            way__ = map_.next_value::<::std::option::Option<_>>()?.map(too_long::Way::Split)
;
                        }
                        GeneratedField::Summarise => {
                            if way__.is_some() {
                                return Err(serde::de::Error::duplicate_field("summarise"));
                            }
                            way__ = map_.next_value::<::std::option::Option<_>>()?.map(too_long::Way::Summarise)
;
                        }
                    }
                }
                Ok(TooLong {
                    way: way__,
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.TooLong", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for Truth {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        let variant = match self {
            Self::Unspecified => "TRUTH_UNSPECIFIED",
            Self::False => "TRUTH_FALSE",
            Self::True => "TRUTH_TRUE",
            Self::Unknown => "TRUTH_UNKNOWN",
        };
        serializer.serialize_str(variant)
    }
}
impl<'de> serde::Deserialize<'de> for Truth {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "TRUTH_UNSPECIFIED",
            "TRUTH_FALSE",
            "TRUTH_TRUE",
            "TRUTH_UNKNOWN",
        ];

        struct GeneratedVisitor;

        impl serde::de::Visitor<'_> for GeneratedVisitor {
            type Value = Truth;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, "expected one of: {:?}", &FIELDS)
            }

            fn visit_i64<E>(self, v: i64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Signed(v), &self)
                    })
            }

            fn visit_u64<E>(self, v: u64) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                i32::try_from(v)
                    .ok()
                    .and_then(|x| x.try_into().ok())
                    .ok_or_else(|| {
                        serde::de::Error::invalid_value(serde::de::Unexpected::Unsigned(v), &self)
                    })
            }

            fn visit_str<E>(self, value: &str) -> std::result::Result<Self::Value, E>
            where
                E: serde::de::Error,
            {
                match value {
                    "TRUTH_UNSPECIFIED" => Ok(Truth::Unspecified),
                    "TRUTH_FALSE" => Ok(Truth::False),
                    "TRUTH_TRUE" => Ok(Truth::True),
                    "TRUTH_UNKNOWN" => Ok(Truth::Unknown),
                    _ => Err(serde::de::Error::unknown_variant(value, FIELDS)),
                }
            }
        }
        deserializer.deserialize_any(GeneratedVisitor)
    }
}
impl serde::Serialize for ValidateConfigRequest {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if !self.content.is_empty() {
            len += 1;
        }
        if self.format != 0 {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ValidateConfigRequest", len)?;
        if !self.content.is_empty() {
            struct_ser.serialize_field("content", &self.content)?;
        }
        if self.format != 0 {
            let v = ConfigFormat::try_from(self.format)
                .map_err(|_| serde::ser::Error::custom(format!("Invalid variant {}", self.format)))?;
            struct_ser.serialize_field("format", &v)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ValidateConfigRequest {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "content",
            "format",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            Content,
            Format,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "content" => Ok(GeneratedField::Content),
                            "format" => Ok(GeneratedField::Format),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ValidateConfigRequest;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ValidateConfigRequest")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ValidateConfigRequest, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut content__ = None;
                let mut format__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::Content => {
                            if content__.is_some() {
                                return Err(serde::de::Error::duplicate_field("content"));
                            }
                            content__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Format => {
                            if format__.is_some() {
                                return Err(serde::de::Error::duplicate_field("format"));
                            }
                            format__ = Some(map_.next_value::<ConfigFormat>()? as i32);
                        }
                    }
                }
                Ok(ValidateConfigRequest {
                    content: content__.unwrap_or_default(),
                    format: format__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ValidateConfigRequest", FIELDS, GeneratedVisitor)
    }
}
impl serde::Serialize for ValidateConfigResponse {
    #[allow(deprecated)]
    fn serialize<S>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error>
    where
        S: serde::Serializer,
    {
        use serde::ser::SerializeStruct;
        let mut len = 0;
        if self.is_valid {
            len += 1;
        }
        if !self.revision.is_empty() {
            len += 1;
        }
        if !self.issues.is_empty() {
            len += 1;
        }
        if !self.code.is_empty() {
            len += 1;
        }
        let mut struct_ser = serializer.serialize_struct("fastroute.v1.ValidateConfigResponse", len)?;
        if self.is_valid {
            struct_ser.serialize_field("isValid", &self.is_valid)?;
        }
        if !self.revision.is_empty() {
            struct_ser.serialize_field("revision", &self.revision)?;
        }
        if !self.issues.is_empty() {
            struct_ser.serialize_field("issues", &self.issues)?;
        }
        if !self.code.is_empty() {
            struct_ser.serialize_field("code", &self.code)?;
        }
        struct_ser.end()
    }
}
impl<'de> serde::Deserialize<'de> for ValidateConfigResponse {
    #[allow(deprecated)]
    fn deserialize<D>(deserializer: D) -> std::result::Result<Self, D::Error>
    where
        D: serde::Deserializer<'de>,
    {
        const FIELDS: &[&str] = &[
            "is_valid",
            "isValid",
            "revision",
            "issues",
            "code",
        ];

        #[allow(clippy::enum_variant_names)]
        enum GeneratedField {
            IsValid,
            Revision,
            Issues,
            Code,
        }
        impl<'de> serde::Deserialize<'de> for GeneratedField {
            fn deserialize<D>(deserializer: D) -> std::result::Result<GeneratedField, D::Error>
            where
                D: serde::Deserializer<'de>,
            {
                struct GeneratedVisitor;

                impl serde::de::Visitor<'_> for GeneratedVisitor {
                    type Value = GeneratedField;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        write!(formatter, "expected one of: {:?}", &FIELDS)
                    }

                    #[allow(unused_variables)]
                    fn visit_str<E>(self, value: &str) -> std::result::Result<GeneratedField, E>
                    where
                        E: serde::de::Error,
                    {
                        match value {
                            "isValid" | "is_valid" => Ok(GeneratedField::IsValid),
                            "revision" => Ok(GeneratedField::Revision),
                            "issues" => Ok(GeneratedField::Issues),
                            "code" => Ok(GeneratedField::Code),
                            _ => Err(serde::de::Error::unknown_field(value, FIELDS)),
                        }
                    }
                }
                deserializer.deserialize_identifier(GeneratedVisitor)
            }
        }
        struct GeneratedVisitor;
        impl<'de> serde::de::Visitor<'de> for GeneratedVisitor {
            type Value = ValidateConfigResponse;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("struct fastroute.v1.ValidateConfigResponse")
            }

            fn visit_map<V>(self, mut map_: V) -> std::result::Result<ValidateConfigResponse, V::Error>
                where
                    V: serde::de::MapAccess<'de>,
            {
                let mut is_valid__ = None;
                let mut revision__ = None;
                let mut issues__ = None;
                let mut code__ = None;
                while let Some(k) = map_.next_key()? {
                    match k {
                        GeneratedField::IsValid => {
                            if is_valid__.is_some() {
                                return Err(serde::de::Error::duplicate_field("isValid"));
                            }
                            is_valid__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Revision => {
                            if revision__.is_some() {
                                return Err(serde::de::Error::duplicate_field("revision"));
                            }
                            revision__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Issues => {
                            if issues__.is_some() {
                                return Err(serde::de::Error::duplicate_field("issues"));
                            }
                            issues__ = Some(map_.next_value()?);
                        }
                        GeneratedField::Code => {
                            if code__.is_some() {
                                return Err(serde::de::Error::duplicate_field("code"));
                            }
                            code__ = Some(map_.next_value()?);
                        }
                    }
                }
                Ok(ValidateConfigResponse {
                    is_valid: is_valid__.unwrap_or_default(),
                    revision: revision__.unwrap_or_default(),
                    issues: issues__.unwrap_or_default(),
                    code: code__.unwrap_or_default(),
                })
            }
        }
        deserializer.deserialize_struct("fastroute.v1.ValidateConfigResponse", FIELDS, GeneratedVisitor)
    }
}
