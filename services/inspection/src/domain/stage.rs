//! Stages of schooling, in the order of the registry's contract.

dudao_law::words!(
    /// A stage of schooling, as the school list names it.
    Stage {
        /// Kindergarten.
        Kindergarten = "幼儿园",
        /// Primary school.
        Primary = "小学",
        /// Junior secondary school.
        Junior = "初中",
        /// Senior secondary school.
        Senior = "高中",
        /// Primary and junior.
        NineYear = "九年一贯制",
        /// Primary, junior and senior.
        TwelveYear = "十二年一贯制",
        /// Junior and senior.
        CompleteSecondary = "完全中学",
        /// Vocational school.
        Vocational = "中等职业学校",
        /// School for pupils with disabilities.
        Special = "特殊教育",
    }
);
