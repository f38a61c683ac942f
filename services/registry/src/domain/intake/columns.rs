//! The columns of each file, for reading and for the template alike.

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub heading: &'static str,
    /// Whether every row must fill it.
    pub required: bool,
    /// The words it allows, where it allows only some; none where they may be several.
    pub words: &'static [&'static str],
    /// What it holds, in Chinese, for the page of notes.
    pub note: &'static str,
    /// The same in English.
    pub note_en: &'static str,
    /// An example.
    pub example: &'static str,
}

const fn column(
    heading: &'static str,
    required: bool,
    words: &'static [&'static str],
    note: &'static str,
    note_en: &'static str,
    example: &'static str,
) -> Column {
    Column {
        heading,
        required,
        words,
        note,
        note_en,
        example,
    }
}

const STAGES: &[&str] = &[
    "幼儿园",
    "小学",
    "初中",
    "高中",
    "九年一贯制",
    "十二年一贯制",
    "完全中学",
    "中等职业学校",
    "特殊教育",
];

/// Columns of a file of schools.
pub const SCHOOLS: &[Column] = &[
    column(
        "学校标识码",
        true,
        &[],
        "1 至 20 位字母或数字，全县唯一",
        "1 to 20 letters and digits, unique",
        "3114000123",
    ),
    column(
        "学校名称",
        true,
        &[],
        "1 至 100 个字",
        "1 to 100 characters",
        "南村镇中心小学",
    ),
    column(
        "学段",
        true,
        STAGES,
        "从下拉列表中选择",
        "one of the list",
        "小学",
    ),
    column(
        "举办者",
        false,
        &["公办", "民办"],
        "公办或民办，可不填",
        "public or private; may be blank",
        "公办",
    ),
    column(
        "乡镇",
        false,
        &[],
        "所在乡镇、街道的名称；名单中没有的会一并建立",
        "its town; a new one is created",
        "南村镇",
    ),
    column(
        "在校生数",
        false,
        &[],
        "0 至 100000 的整数，可不填",
        "a whole number from 0 to 100,000; may be blank",
        "412",
    ),
    column(
        "教职工数",
        false,
        &[],
        "0 至 100000 的整数，可不填",
        "a whole number from 0 to 100,000; may be blank",
        "31",
    ),
    column(
        "经度",
        true,
        &[],
        "东经度数（WGS-84），如 112.78",
        "degrees east (WGS-84)",
        "112.781234",
    ),
    column(
        "纬度",
        true,
        &[],
        "北纬度数（WGS-84），如 35.45",
        "degrees north (WGS-84)",
        "35.451234",
    ),
    column(
        "寄宿",
        false,
        &["是", "否"],
        "是或否，可不填",
        "yes or no; may be blank",
        "否",
    ),
    column(
        "上次综合督导日期",
        false,
        &[],
        "如 2023-05-16，不晚于今天，可不填",
        "such as 2023-05-16, not in the future; may be blank",
        "2023-05-16",
    ),
    column(
        "上次综合督导等级",
        false,
        &["优秀", "良好", "合格", "不合格"],
        "从下拉列表中选择，可不填",
        "one of the list; may be blank",
        "良好",
    ),
];

/// Columns of a file of supervisors.
pub const SUPERVISORS: &[Column] = &[
    column(
        "工号",
        true,
        &[],
        "1 至 20 位字母或数字，全县唯一",
        "1 to 20 letters and digits, unique",
        "DX0001",
    ),
    column(
        "姓名",
        true,
        &[],
        "1 至 100 个字",
        "1 to 100 characters",
        "张三",
    ),
    column(
        "类型",
        true,
        &["专职", "兼职"],
        "专职或兼职",
        "full-time or part-time",
        "兼职",
    ),
    column(
        "可督导学段",
        true,
        &[],
        "一个或多个学段，用分号隔开",
        "one or more stages, by semicolons",
        "幼儿园;小学",
    ),
    column(
        "经度",
        true,
        &[],
        "出发地的东经度数（WGS-84）",
        "degrees east of the base (WGS-84)",
        "112.781234",
    ),
    column(
        "纬度",
        true,
        &[],
        "出发地的北纬度数（WGS-84）",
        "degrees north of the base (WGS-84)",
        "35.451234",
    ),
    column(
        "聘期起",
        true,
        &[],
        "如 2025-09-01",
        "such as 2025-09-01",
        "2025-09-01",
    ),
    column(
        "聘期止",
        false,
        &[],
        "兼职必填（聘期 3 年）；专职可不填",
        "needed of part-time supervisors",
        "2028-08-31",
    ),
    column(
        "上年集中培训学时",
        false,
        &[],
        "0 至 2000，可不填；不足 40 学时者不列入计划",
        "0 to 2000; may be blank; below 40 is left out of plans",
        "48",
    ),
    column(
        "每年可用天数",
        false,
        &[],
        "0 至 366，可不填",
        "0 to 366; may be blank",
        "75",
    ),
    column(
        "最多学校数",
        false,
        &[],
        "0 至 100 的整数，可不填",
        "a whole number from 0 to 100; may be blank",
        "5",
    ),
    column(
        "任职单位",
        false,
        &[],
        "现任职单位；填写学校标识码的，自动回避该校",
        "an employer; a school's code means it is avoided",
        "3114000123",
    ),
    column(
        "回避学校",
        false,
        &[],
        "应回避学校的标识码，用分号隔开，可不填",
        "codes of schools to be avoided, by semicolons; may be blank",
        "3114000456",
    ),
    column(
        "联系电话",
        false,
        &[],
        "最多 40 个字，印在责任督学公示牌上，可不填",
        "printed on the plaque; may be blank",
        "0356-1234567",
    ),
];
