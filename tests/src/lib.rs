//! What must hold across the services.
