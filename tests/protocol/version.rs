//! Versions of Terraform, and what each says of itself.

use facets_gpu::wire::proto::tfplugin6::ClientCapabilities;

/// What a version of Terraform calls itself, what it says it can do, and which protocol it knows.
#[derive(Clone, Copy)]
pub(crate) struct Version {
    pub(crate) name: &'static str,
    /// The minor version of protocol 6.
    pub(crate) protocol: u8,
    pub(crate) capabilities: Option<ClientCapabilities>,
}

/// What the Facets platform runs. It knows of no client capabilities, so it sends none.
pub(crate) const V1_5_7: Version = Version {
    name: "1.5.7",
    protocol: 3,
    capabilities: None,
};
/// The newest whose binary these tests are run beside.
pub(crate) const V1_11_4: Version = Version {
    name: "1.11.4",
    protocol: 8,
    capabilities: Some(CAN_WRITE_ONLY),
};
/// The first that knows identities.
pub(crate) const V1_12_2: Version = Version {
    name: "1.12.2",
    protocol: 9,
    capabilities: Some(CAN_WRITE_ONLY),
};
/// The first that lists objects and has configuration written for them, though without a state to go by.
pub(crate) const V1_14_0: Version = Version {
    name: "1.14.0",
    protocol: 10,
    capabilities: Some(CAN_WRITE_ONLY),
};
/// The newest stable one.
pub(crate) const V1_15_9: Version = Version {
    name: "1.15.9",
    ..V1_14_0
};
/// The newest that there is.
pub(crate) const V1_16_0: Version = Version {
    name: "1.16.0",
    protocol: 11,
    capabilities: Some(ClientCapabilities {
        store_planned_private: true,
        computed_blocks_allowed: true,
        ..CAN_WRITE_ONLY
    }),
};

const CAN_WRITE_ONLY: ClientCapabilities = ClientCapabilities {
    deferral_allowed: false,
    write_only_attributes_allowed: true,
    store_planned_private: false,
    computed_blocks_allowed: false,
};

impl Version {
    /// The one of these that asks as the Terraform of this name does, such as `1.8.5`.
    pub(crate) fn like(name: &str) -> Self {
        let minor: u32 = name.split('.').nth(1).unwrap().parse().unwrap();
        match minor {
            0..=5 => V1_5_7,
            6..=11 => V1_11_4,
            12 | 13 => V1_12_2,
            14 | 15 => V1_15_9,
            _ => V1_16_0,
        }
    }

    /// Whether every process is asked for its schema, and not only the first of a command.
    pub(crate) fn always_asks_for_schemas(self) -> bool {
        self.protocol < 4
    }

    /// Whether identities are asked for together with schemas.
    pub(crate) fn knows_identity(self) -> bool {
        self.protocol >= 9
    }

    /// Whether a request for a configuration says of which state.
    pub(crate) fn sends_state_to_be_written(self) -> bool {
        self.name != V1_14_0.name
    }

    /// Whether the plan of an apply is told what private data the plan before it made.
    pub(crate) fn stores_planned_private(self) -> bool {
        self.capabilities.is_some_and(|can| can.store_planned_private)
    }
}
