//! The standard health service: per service, with watch.
//!
//! A server that is about to stop says so first. When it turns calls away the watches end, as they would hold it up.

use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

/// The names that a check may ask for; the empty one is the server as a whole.
const NAMES: [&str; 3] = [
    "",
    "fastroute.v1.AdminService",
    "fastroute.v1.RouterService",
];

/// The health service.
pub(crate) type Checks = HealthServer<HealthService>;

/// Makes the service, in which everything serves.
pub(crate) async fn serving() -> (HealthReporter, Checks) {
    let reporter = HealthReporter::new();
    for name in NAMES {
        reporter
            .set_service_status(name, ServingStatus::Serving)
            .await;
    }
    let service = HealthService::from_health_reporter(reporter.clone());
    (reporter, HealthServer::new(service))
}

/// Says that nothing serves any more.
pub(crate) async fn not_serving(reporter: &HealthReporter) {
    for name in NAMES {
        reporter
            .set_service_status(name, ServingStatus::NotServing)
            .await;
    }
}

/// Ends the watches, which have heard it.
pub(crate) async fn end_watches(reporter: &HealthReporter) {
    let mut reporter = reporter.clone();
    for name in NAMES {
        reporter.clear_service_status(name).await;
    }
}
