//! SQLSTATEs that models foretell.

/// `cardinality_violation`
pub const CARDINALITY: &str = "21000";
/// `feature_not_supported`
pub const UNSUPPORTED: &str = "0A000";
/// `not_null_violation`
pub const NOT_NULL: &str = "23502";
/// `foreign_key_violation`
pub const REFERENCE: &str = "23503";
/// `unique_violation`
pub const UNIQUE: &str = "23505";
/// `check_violation`
pub const CHECK: &str = "23514";
/// `exclusion_violation`
pub const EXCLUSION: &str = "23P01";
/// `dependent_objects_still_exist`
pub const DEPENDENT: &str = "2BP01";
/// `with_check_option_violation`
pub const VIEW: &str = "44000";
/// `lock_not_available`
pub const LOCKED: &str = "55P03";
/// `object_in_use`
pub const IN_USE: &str = "55006";
