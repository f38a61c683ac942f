//! The terms that campaigns and visits share.

dudao_law::words!(
    /// What kind of inspection it is (arts. 三, 四, 二十一).
    InspectionKind {
        /// 综合督导: all of a school's, town's or department's work.
        Comprehensive = "综合督导",
        /// 专项督导: one matter.
        Special = "专项督导",
        /// 经常性督导: the responsible supervisor's own visits.
        Routine = "经常性督导",
        /// 随机督导: objects and officers are drawn.
        Random = "随机督导",
        /// 回头看: whether what was put right has stayed so.
        LookBack = "回头看",
        /// 突发事件督导: skips the list and the notice, and says why.
        Emergency = "突发督导",
    }
);

dudao_law::words!(
    /// Which line of supervision it belongs to (art. 三).
    InspectionLine {
        /// Whether government fulfils its duties.
        Government = "督政",
        /// How schools run.
        School = "督学",
        /// How well education does.
        Monitoring = "评估监测",
    }
);

dudao_law::words!(
    /// What is inspected (art. 三: departments, towns and villages, not schools alone).
    ObjectKind {
        /// A school.
        School = "学校",
        /// A kindergarten.
        Kindergarten = "幼儿园",
        /// A town.
        Town = "乡镇",
        /// A village.
        Village = "村",
        /// A department of the county.
        Department = "部门",
        /// The county as a whole.
        County = "县",
    }
);

dudao_law::words!(
    /// Who may read the result (art. 七: published in a suitable way).
    PublicationScope {
        /// Everyone.
        Public = "向社会公开",
        /// The government and its departments.
        Government = "报政府及有关部门",
        /// The inspected unit.
        Unit = "反馈被督导单位",
    }
);

impl InspectionKind {
    /// Whether it takes all steps of `rules.md` § 4: notice, self-evaluation, hearings, preliminary opinion, plea, letter,
    /// report. The others go from the place to the record.
    pub fn is_full(self) -> bool {
        match self {
            Self::Comprehensive | Self::Special => true,
            Self::Routine | Self::Random | Self::LookBack | Self::Emergency => false,
        }
    }

    /// Whether it counts against the cap of inspections that a school bears in a year: the responsible supervisor's own
    /// visits don't, and what nobody could plan doesn't either.
    pub fn is_burden(self) -> bool {
        match self {
            Self::Comprehensive | Self::Special | Self::Random | Self::LookBack => true,
            Self::Routine | Self::Emergency => false,
        }
    }

    /// The parameter that says of how many supervisors a team is made at least.
    pub fn team_parameter(self) -> &'static str {
        match self {
            Self::Comprehensive => "comprehensive.team",
            Self::Special | Self::Random => "special.team",
            Self::Routine | Self::LookBack | Self::Emergency => "routine.team",
        }
    }

    /// The parameter of the clock of its preliminary opinion.
    pub fn preliminary_clock(self) -> &'static str {
        match self {
            Self::Comprehensive => "clock.preliminary_comprehensive",
            Self::Special | Self::Routine | Self::Random | Self::LookBack | Self::Emergency => {
                "clock.preliminary_special"
            }
        }
    }
}

impl ObjectKind {
    /// Whether it is government that is inspected (督政) rather than a school.
    pub fn is_government(self) -> bool {
        match self {
            Self::Town | Self::Village | Self::Department | Self::County => true,
            Self::School | Self::Kindergarten => false,
        }
    }
}
