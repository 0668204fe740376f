//! A server in process: it starts whole or not at all, stops in order, and shares nothing with another.

mod support;

use std::time::{Duration, Instant};

use fastroute_proto::v1::router_service_client::RouterServiceClient;
use fastroute_server::{Hosts, Server};
use support::{decision, run, serve, serve_config, settings, text};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

#[test]
fn a_server_decides_over_grpc_with_the_embedded_default() {
    let served = serve(&[]);
    let answer = run(async {
        let mut router = served.router().await;
        router
            .route(text("Translate 'good morning' into French."))
            .await
            .expect("an answer")
    });
    let decision = decision(answer.into_inner());
    assert_eq!(decision.route.as_deref(), Some("translation"));
    assert_eq!(decision.revision, served.server.revision());
}

#[test]
fn its_line_names_every_door() {
    let served = serve(&[]);
    let line = served.server.line();
    let revision = served.server.revision();
    assert!(line.contains(&revision[..12]), "{line}");
    for (name, at) in [
        ("grpc", served.grpc()),
        ("http", served.http()),
        ("admin", served.admin()),
    ] {
        assert!(line.contains(&format!("{name} {at}")), "{line}");
    }
}

#[test]
fn a_door_that_is_off_is_not_opened() {
    let served = serve(&["--http", "none", "--admin", "none"]);
    let addresses = served.server.addresses();
    assert_eq!((&addresses.http, &addresses.admin), (&None, &None));
}

#[test]
fn a_taken_port_is_named_and_nothing_is_left_behind() {
    let first = serve(&[]);
    let flags = ["--listen", "127.0.0.1:0", "--http", first.http()];
    let refused = Server::start(&settings(&flags), Hosts::default()).expect_err("a taken port");
    assert_eq!(refused.code(), "ADDRESS_UNAVAILABLE");
    assert!(refused.to_string().contains(first.http()), "{refused}");
}

#[test]
fn a_bad_configuration_does_not_start_and_every_defect_is_told() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = folder.path().join("bad.yaml");
    std::fs::write(&path, "version: 1\nmodells: []\n").expect("a writable folder");
    let path = path.display().to_string();
    let refused = Server::start(&settings(&["--config", &path]), Hosts::default())
        .expect_err("a bad configuration");
    assert_eq!(refused.code(), "INVALID_CONFIG");
    assert!(refused.issues().len() >= 3, "{refused}");
}

#[test]
fn several_servers_live_in_one_process_each_with_its_configuration() {
    let own = fastroute_core::DEFAULT_CONFIG.replace("translation", "interpreting");
    let (first, second) = (serve(&[]), serve_config(&own, &[]));
    let route_of = |served: &support::Served| {
        run(async {
            let mut router = served.router().await;
            let asked = router.route(text("Translate 'good morning' into French."));
            decision(asked.await.expect("an answer").into_inner()).route
        })
    };
    assert_eq!(route_of(&first).as_deref(), Some("translation"));
    assert_eq!(route_of(&second).as_deref(), Some("interpreting"));
    first.server.stop(None).expect("a server that stops");
    assert_eq!(route_of(&second).as_deref(), Some("interpreting"));
}

#[test]
fn stopping_twice_is_stopping_once() {
    let served = serve(&[]);
    assert!(served.server.is_running());
    served.server.stop(None).expect("a server that stops");
    served.server.stop(None).expect("a stopped server");
    assert!(!served.server.is_running());
    let refused = served.server.reload().expect_err("nothing runs");
    assert_eq!(refused.code(), "SHUTTING_DOWN");
}

#[test]
fn a_watch_on_health_hears_of_the_stop_and_does_not_hold_it_up() {
    let served = serve(&[]);
    let start = Instant::now();
    let heard = run(async {
        let mut health = HealthClient::new(support::channel(served.grpc()).await);
        let asked = HealthCheckRequest {
            service: "fastroute.v1.RouterService".to_owned(),
        };
        let mut watch = health.watch(asked).await.expect("a watch").into_inner();
        let serving = watch
            .message()
            .await
            .expect("a status")
            .expect("a first status");
        std::thread::scope(|scope| {
            scope.spawn(|| served.server.stop(None).expect("a server that stops"));
        });
        let after = watch.message().await;
        (
            serving.status,
            after.ok().flatten().map(|status| status.status),
        )
    });
    assert_eq!(heard, (1, Some(2)), "serving, then not serving");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_server_that_stopped_gives_its_state_directory_away() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let state = folder.path().join("state").display().to_string();
    let flags = ["--state-dir", state.as_str()];
    let first = serve(&flags);
    let taken = Server::start(&settings(&flags), Hosts::default()).expect_err("a taken folder");
    assert_eq!(taken.code(), "INVALID_STATE_DIR");
    first.server.stop(None).expect("a server that stops");
    // The stopped server is still there, as it is after a `with` block in Python.
    let second = serve(&flags);
    assert_eq!(second.server.revision(), first.server.revision());
}

#[test]
fn a_server_that_is_about_to_stop_says_so_and_still_decides() {
    let served = serve(&["--drain-delay", "700ms"]);
    let server = &served.server;
    std::thread::scope(|scope| {
        run(async {
            let channel = support::channel(served.grpc()).await;
            let mut health = HealthClient::new(channel.clone());
            let mut router = RouterServiceClient::new(channel);
            router.route(text("hello")).await.expect("an answer");
            scope.spawn(|| server.stop(None).expect("a server that stops"));
            let asked = HealthCheckRequest {
                service: "fastroute.v1.RouterService".to_owned(),
            };
            let until = Instant::now() + Duration::from_secs(5);
            loop {
                let status = health.check(asked.clone()).await.expect("a status");
                if status.into_inner().status == 2 {
                    break;
                }
                assert!(Instant::now() < until, "it never said so");
            }
            let answer = router.route(text("hello")).await;
            answer.expect("it decides until it turns calls away");
        });
    });
    assert!(!server.is_running());
}

#[test]
fn health_knows_its_services_and_no_others() {
    let served = serve(&[]);
    run(async {
        let mut health = HealthClient::new(support::channel(served.admin()).await);
        for service in [
            "",
            "fastroute.v1.AdminService",
            "fastroute.v1.RouterService",
        ] {
            let asked = HealthCheckRequest {
                service: service.to_owned(),
            };
            let status = health
                .check(asked)
                .await
                .expect(service)
                .into_inner()
                .status;
            assert_eq!(status, 1, "{service}");
        }
        let asked = HealthCheckRequest {
            service: "fastroute.v1.Nothing".to_owned(),
        };
        let refused = health.check(asked).await.expect_err("an unknown service");
        assert_eq!(refused.code(), Code::NotFound);
    });
}

#[test]
fn the_admin_service_has_a_port_of_its_own() {
    use fastroute_proto::v1::GetStatusRequest;
    use fastroute_proto::v1::admin_service_client::AdminServiceClient;
    let served = serve(&[]);
    run(async {
        let mut wrong = AdminServiceClient::new(support::channel(served.grpc()).await);
        let refused = wrong.get_status(GetStatusRequest {}).await;
        assert_eq!(refused.expect_err("not here").code(), Code::Unimplemented);
        let mut right = served.administrator().await;
        let status = right
            .get_status(GetStatusRequest {})
            .await
            .expect("a status");
        assert_eq!(status.into_inner().revision, served.server.revision());
    });
}
