"""Published networks: MoViNets, X3Ds, ResNets and MobileNets."""
