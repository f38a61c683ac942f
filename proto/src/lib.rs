//! The contract between dudao's services, and the only place that compiles it.
//!
//! One folder a package, one file a resource, one gRPC service a resource. Every RPC carries the option
//! `dudao.auth.v1.access`: who may call it.

/// The compiled contract with comments and our own options, as an encoded `FileDescriptorSet`.
pub const DESCRIPTOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptor.bin"));

macro_rules! package {
    ($($(#[$doc:meta])* $name:ident = $package:literal;)*) => {
        $(
            $(#[$doc])*
            pub mod $name {
                /// Version 1.
                #[allow(
                    clippy::all,
                    clippy::pedantic,
                    clippy::wildcard_enum_match_arm,
                    missing_docs,
                    reason = "generated code; its documentation is the proto's"
                )]
                pub mod v1 {
                    tonic::include_proto!($package);
                }
            }
        )*
    };
}

package! {
    /// Who may call.
    auth = "dudao.auth.v1";
    /// Why a call was refused.
    error = "dudao.error.v1";
    /// The envelope of events.
    event = "dudao.event.v1";
    /// Official documents: alike in all services that issue them.
    document = "dudao.document.v1";
    /// Who and what: counties, schools, supervisors, units, calendars, rulesets, adopted zones.
    registry = "dudao.registry.v1";
    /// What is done: the filed list, campaigns, visits, indicators, findings, letters, reports, draws.
    inspection = "dudao.inspection.v1";
    /// What comes of it: cases, clocks, letters, interviews, notifications, decisions, commendation.
    accountability = "dudao.accountability.v1";
    /// Plans: zones and the year.
    scheduler = "dudao.scheduler.v1";
}
