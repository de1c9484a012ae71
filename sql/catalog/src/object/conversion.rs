//! Conversions between encodings: names for what brings text from one into another. What is done goes by the encodings alone, so
//! those that users make are other names for what there is.

use super::Oid;
use bincode::{Decode, Encode};

/// A conversion that a user has made.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Conversion {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: Oid,
    /// The role that owns it.
    pub owner: Oid,
    /// From which encoding, by its number.
    pub source: i32,
    /// Into which.
    pub destination: i32,
    /// What does it: a function that comes with the program.
    pub function: Oid,
    /// Whether it is the one that is taken where none is named.
    pub default: bool,
}

/// A conversion that comes with the program, in `pg_catalog`. All of them are defaults.
#[derive(Debug, Clone, Copy)]
pub struct FixedConversion {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: &'static str,
    /// From which encoding, by its number.
    pub source: i32,
    /// Into which.
    pub destination: i32,
    /// What does it.
    pub function: Oid,
}

const fn fixed(
    oid: Oid,
    name: &'static str,
    source: i32,
    destination: i32,
    function: Oid,
) -> FixedConversion {
    FixedConversion { oid, name, source, destination, function }
}

/// All that come with the program.
pub const FIXED_CONVERSIONS: &[FixedConversion] = &[
    fixed(4402, "koi8_r_to_mic", 22, 7, 4302),
    fixed(4403, "mic_to_koi8_r", 7, 22, 4303),
    fixed(4404, "iso_8859_5_to_mic", 25, 7, 4304),
    fixed(4405, "mic_to_iso_8859_5", 7, 25, 4305),
    fixed(4406, "windows_1251_to_mic", 23, 7, 4306),
    fixed(4407, "mic_to_windows_1251", 7, 23, 4307),
    fixed(4408, "windows_866_to_mic", 20, 7, 4308),
    fixed(4409, "mic_to_windows_866", 7, 20, 4309),
    fixed(4410, "koi8_r_to_windows_1251", 22, 23, 4310),
    fixed(4411, "windows_1251_to_koi8_r", 23, 22, 4311),
    fixed(4412, "koi8_r_to_windows_866", 22, 20, 4312),
    fixed(4413, "windows_866_to_koi8_r", 20, 22, 4313),
    fixed(4414, "windows_866_to_windows_1251", 20, 23, 4314),
    fixed(4415, "windows_1251_to_windows_866", 23, 20, 4315),
    fixed(4416, "iso_8859_5_to_koi8_r", 25, 22, 4316),
    fixed(4417, "koi8_r_to_iso_8859_5", 22, 25, 4317),
    fixed(4418, "iso_8859_5_to_windows_1251", 25, 23, 4318),
    fixed(4419, "windows_1251_to_iso_8859_5", 23, 25, 4319),
    fixed(4420, "iso_8859_5_to_windows_866", 25, 20, 4320),
    fixed(4421, "windows_866_to_iso_8859_5", 20, 25, 4321),
    fixed(4422, "euc_cn_to_mic", 2, 7, 4322),
    fixed(4423, "mic_to_euc_cn", 7, 2, 4323),
    fixed(4424, "euc_jp_to_sjis", 1, 35, 4324),
    fixed(4425, "sjis_to_euc_jp", 35, 1, 4325),
    fixed(4426, "euc_jp_to_mic", 1, 7, 4326),
    fixed(4427, "sjis_to_mic", 35, 7, 4327),
    fixed(4428, "mic_to_euc_jp", 7, 1, 4328),
    fixed(4429, "mic_to_sjis", 7, 35, 4329),
    fixed(4430, "euc_kr_to_mic", 3, 7, 4330),
    fixed(4431, "mic_to_euc_kr", 7, 3, 4331),
    fixed(4432, "euc_tw_to_big5", 4, 36, 4332),
    fixed(4433, "big5_to_euc_tw", 36, 4, 4333),
    fixed(4434, "euc_tw_to_mic", 4, 7, 4334),
    fixed(4435, "big5_to_mic", 36, 7, 4335),
    fixed(4436, "mic_to_euc_tw", 7, 4, 4336),
    fixed(4437, "mic_to_big5", 7, 36, 4337),
    fixed(4438, "iso_8859_2_to_mic", 9, 7, 4338),
    fixed(4439, "mic_to_iso_8859_2", 7, 9, 4339),
    fixed(4440, "windows_1250_to_mic", 29, 7, 4340),
    fixed(4441, "mic_to_windows_1250", 7, 29, 4341),
    fixed(4442, "iso_8859_2_to_windows_1250", 9, 29, 4342),
    fixed(4443, "windows_1250_to_iso_8859_2", 29, 9, 4343),
    fixed(4444, "iso_8859_1_to_mic", 8, 7, 4344),
    fixed(4445, "mic_to_iso_8859_1", 7, 8, 4345),
    fixed(4446, "iso_8859_3_to_mic", 10, 7, 4346),
    fixed(4447, "mic_to_iso_8859_3", 7, 10, 4347),
    fixed(4448, "iso_8859_4_to_mic", 11, 7, 4348),
    fixed(4449, "mic_to_iso_8859_4", 7, 11, 4349),
    fixed(4452, "big5_to_utf8", 36, 6, 4352),
    fixed(4453, "utf8_to_big5", 6, 36, 4353),
    fixed(4454, "utf8_to_koi8_r", 6, 22, 4354),
    fixed(4455, "koi8_r_to_utf8", 22, 6, 4355),
    fixed(4456, "utf8_to_koi8_u", 6, 34, 4356),
    fixed(4457, "koi8_u_to_utf8", 34, 6, 4357),
    fixed(4458, "utf8_to_windows_866", 6, 20, 4358),
    fixed(4459, "windows_866_to_utf8", 20, 6, 4359),
    fixed(4460, "utf8_to_windows_874", 6, 21, 4358),
    fixed(4461, "windows_874_to_utf8", 21, 6, 4359),
    fixed(4462, "utf8_to_windows_1250", 6, 29, 4358),
    fixed(4463, "windows_1250_to_utf8", 29, 6, 4359),
    fixed(4464, "utf8_to_windows_1251", 6, 23, 4358),
    fixed(4465, "windows_1251_to_utf8", 23, 6, 4359),
    fixed(4466, "utf8_to_windows_1252", 6, 24, 4358),
    fixed(4467, "windows_1252_to_utf8", 24, 6, 4359),
    fixed(4468, "utf8_to_windows_1253", 6, 30, 4358),
    fixed(4469, "windows_1253_to_utf8", 30, 6, 4359),
    fixed(4470, "utf8_to_windows_1254", 6, 31, 4358),
    fixed(4471, "windows_1254_to_utf8", 31, 6, 4359),
    fixed(4472, "utf8_to_windows_1255", 6, 32, 4358),
    fixed(4473, "windows_1255_to_utf8", 32, 6, 4359),
    fixed(4474, "utf8_to_windows_1256", 6, 18, 4358),
    fixed(4475, "windows_1256_to_utf8", 18, 6, 4359),
    fixed(4476, "utf8_to_windows_1257", 6, 33, 4358),
    fixed(4477, "windows_1257_to_utf8", 33, 6, 4359),
    fixed(4478, "utf8_to_windows_1258", 6, 19, 4358),
    fixed(4479, "windows_1258_to_utf8", 19, 6, 4359),
    fixed(4480, "euc_cn_to_utf8", 2, 6, 4360),
    fixed(4481, "utf8_to_euc_cn", 6, 2, 4361),
    fixed(4482, "euc_jp_to_utf8", 1, 6, 4362),
    fixed(4483, "utf8_to_euc_jp", 6, 1, 4363),
    fixed(4484, "euc_kr_to_utf8", 3, 6, 4364),
    fixed(4485, "utf8_to_euc_kr", 6, 3, 4365),
    fixed(4486, "euc_tw_to_utf8", 4, 6, 4366),
    fixed(4487, "utf8_to_euc_tw", 6, 4, 4367),
    fixed(4488, "gb18030_to_utf8", 39, 6, 4368),
    fixed(4489, "utf8_to_gb18030", 6, 39, 4369),
    fixed(4490, "gbk_to_utf8", 37, 6, 4370),
    fixed(4491, "utf8_to_gbk", 6, 37, 4371),
    fixed(4492, "utf8_to_iso_8859_2", 6, 9, 4372),
    fixed(4493, "iso_8859_2_to_utf8", 9, 6, 4373),
    fixed(4494, "utf8_to_iso_8859_3", 6, 10, 4372),
    fixed(4495, "iso_8859_3_to_utf8", 10, 6, 4373),
    fixed(4496, "utf8_to_iso_8859_4", 6, 11, 4372),
    fixed(4497, "iso_8859_4_to_utf8", 11, 6, 4373),
    fixed(4498, "utf8_to_iso_8859_9", 6, 12, 4372),
    fixed(4499, "iso_8859_9_to_utf8", 12, 6, 4373),
    fixed(4500, "utf8_to_iso_8859_10", 6, 13, 4372),
    fixed(4501, "iso_8859_10_to_utf8", 13, 6, 4373),
    fixed(4502, "utf8_to_iso_8859_13", 6, 14, 4372),
    fixed(4503, "iso_8859_13_to_utf8", 14, 6, 4373),
    fixed(4504, "utf8_to_iso_8859_14", 6, 15, 4372),
    fixed(4505, "iso_8859_14_to_utf8", 15, 6, 4373),
    fixed(4506, "utf8_to_iso_8859_15", 6, 16, 4372),
    fixed(4507, "iso_8859_15_to_utf8", 16, 6, 4373),
    fixed(4508, "utf8_to_iso_8859_16", 6, 17, 4372),
    fixed(4509, "iso_8859_16_to_utf8", 17, 6, 4373),
    fixed(4510, "utf8_to_iso_8859_5", 6, 25, 4372),
    fixed(4511, "iso_8859_5_to_utf8", 25, 6, 4373),
    fixed(4512, "utf8_to_iso_8859_6", 6, 26, 4372),
    fixed(4513, "iso_8859_6_to_utf8", 26, 6, 4373),
    fixed(4514, "utf8_to_iso_8859_7", 6, 27, 4372),
    fixed(4515, "iso_8859_7_to_utf8", 27, 6, 4373),
    fixed(4516, "utf8_to_iso_8859_8", 6, 28, 4372),
    fixed(4517, "iso_8859_8_to_utf8", 28, 6, 4373),
    fixed(4518, "iso_8859_1_to_utf8", 8, 6, 4374),
    fixed(4519, "utf8_to_iso_8859_1", 6, 8, 4375),
    fixed(4520, "johab_to_utf8", 40, 6, 4376),
    fixed(4521, "utf8_to_johab", 6, 40, 4377),
    fixed(4522, "sjis_to_utf8", 35, 6, 4378),
    fixed(4523, "utf8_to_sjis", 6, 35, 4379),
    fixed(4524, "uhc_to_utf8", 38, 6, 4380),
    fixed(4525, "utf8_to_uhc", 6, 38, 4381),
    fixed(4526, "euc_jis_2004_to_utf8", 5, 6, 4382),
    fixed(4527, "utf8_to_euc_jis_2004", 6, 5, 4383),
    fixed(4528, "shift_jis_2004_to_utf8", 41, 6, 4384),
    fixed(4529, "utf8_to_shift_jis_2004", 6, 41, 4385),
    fixed(4530, "euc_jis_2004_to_shift_jis_2004", 5, 41, 4386),
    fixed(4531, "shift_jis_2004_to_euc_jis_2004", 41, 5, 4387),
];
