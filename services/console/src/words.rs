//! Every word of the pages, in both languages: one line a word.

/// The words of one language.
#[derive(Debug)]
pub struct Words {
    /// As HTML names the language.
    pub language: &'static str,
    chinese: bool,
    table: &'static Table,
}

impl Words {
    /// Whichever of the two is in this language.
    pub fn pick<'a, T: ?Sized>(&self, zh: &'a T, en: &'a T) -> &'a T {
        if self.chinese { zh } else { en }
    }

    /// Whether it is Chinese.
    pub fn chinese(&self) -> bool {
        self.chinese
    }
}

impl std::ops::Deref for Words {
    type Target = Table;

    fn deref(&self) -> &Table {
        self.table
    }
}

/// 中文
pub static ZH: Words = Words {
    language: "zh-CN",
    chinese: true,
    table: &Table::ZH,
};
/// English
pub static EN: Words = Words {
    language: "en",
    chinese: false,
    table: &Table::EN,
};

macro_rules! words {
    ($($name:ident: $zh:literal, $en:literal;)*) => {
        /// The words by name.
        #[derive(Debug)]
        pub struct Table {
            $(pub $name: &'static str,)*
        }

        impl Table {
            const ZH: Self = Self { $($name: $zh,)* };
            const EN: Self = Self { $($name: $en,)* };
        }
    };
}

words! {
    // Around every page.
    dudao: "督导", "dudao";
    about: "县级教育督导平台", "a county's education supervision";
    skip: "跳到正文", "Skip to content";
    navigation: "主导航", "Main navigation";
    other_language: "English", "中文";
    sign_in: "登录", "Sign in";
    sign_out: "退出登录", "Sign out";
    signed_in_as: "当前用户", "Signed in as";
    counties: "县（市、区）", "Counties";
    choose_county: "请选择县（市、区）", "Choose a county";
    no_county: "还没有县。请先在服务器上运行 dudao county create。", "There is no county yet. Run dudao county create on the server first.";
    colon: "：", ": ";
    between: "、", ", ";
    yes: "是", "yes";
    no: "否", "no";
    none: "无", "none";
    unknown: "未填", "not stated";
    name: "名称", "Name";
    code: "编号", "Code";
    state: "状态", "State";
    date: "日期", "Date";
    reason: "原因", "Reason";
    show: "查看", "Show";
    all: "全部", "All";
    search: "搜索", "Search";
    search_hint: "名称或编号", "name or code";
    filter: "筛选", "Filter";
    clear: "清除条件", "Clear";
    previous: "上一页", "Previous";
    next: "下一页", "Next";
    page: "页", "page";
    in_all: "共", "in all";
    nothing_found: "没有符合条件的记录。可放宽条件再试。", "Nothing fits. Try fewer filters.";

    // Signing in.
    sign_in_how: "请粘贴服务启动时打印的一次性登录链接，或管理员签发的令牌。", "Paste the one-time link that the server printed when it started, or a token that you were given.";
    proof: "登录链接、登录码或令牌", "Login link, code or token";
    sign_in_ready: "登录链接有效，点击继续。", "Continue with your login link.";
    sign_in_again: "链接无效、已使用或已过期。请在服务器上重新启动服务，或运行 dudao token issue 取得令牌。", "The link is unknown, used or expired. Start the server again for a new one, or get a token by dudao token issue.";
    sign_in_at_issuer: "统一身份认证登录", "Sign in at your organisation";
    issuer_again: "登录未完成或已过期，或该账号未授权使用本平台。请重试；若仍不行，请联系管理员。", "You have not signed in, it has taken too long, or your account may not be used here. Try again, or ask your administrator.";
    public_room: "公众查询", "For the public";

    // Refusals.
    refusal: "无法显示此页", "This page can't be shown";
    no_such_page: "没有这个页面。", "There is no such page.";
    forged: "表单已失效：可能登录已过期，或请求并非来自本站页面。", "The form is no longer good: the session has ended, or it was not sent from here.";
    unreadable: "请求内容无法识别。", "The request can't be read.";
    broken: "页面生成时出错。", "The page could not be written.";
    todo: "怎么办", "What to do";
    todo_go_back: "请返回上一页，检查后再试。", "Go back, look over it, and try again.";
    todo_reload: "数据已被他人修改或页面已过期：请返回、刷新后再操作。", "It has changed meanwhile: go back, reload, and try again.";
    todo_try_later: "服务暂时不可用，请稍后再试；若持续出现，请联系运维人员。", "Try again in a moment; if it goes on, tell the operators.";
    todo_ask_office: "您的角色没有此权限。需要时请联系县督导办。", "Your role may not do this. Ask the county's office if you need it.";
    todo_tell_operator: "这是系统故障，请把下面的追踪号告诉运维人员。", "This is a fault of the system. Tell the operators the trace id.";
    trace: "追踪号", "Trace id";
    back: "返回上一页", "Back";
    home: "回到首页", "Home";

    // Overview.
    overview: "总览", "Overview";
    coverage: "覆盖情况", "Coverage";
    schools_and_kindergartens: "学校与幼儿园", "Schools and kindergartens";
    supervisors_on_duty: "在任督学", "Supervisors";
    full_time: "专职", "full-time";
    part_time: "兼职", "part-time";
    schools_per_supervisor: "每名督学负责学校数", "Schools per supervisor";
    at_most: "不超过", "at most";
    missing_supervisors: "尚缺督学", "Supervisors missing";
    with_supervisor: "已有责任督学的学校", "Schools with a responsible supervisor";
    uncovered: "没有督学能负责的学校", "Schools that nobody covers";
    by_stage: "按学段", "By stage";
    required: "应有", "required";
    zoning_in_force: "现行责任区划分", "Zoning in force";
    no_zoning: "尚未划分责任区。", "No zoning is in force.";
    year_in_force: "现行年度计划", "Year plan in force";
    no_year: "尚无现行年度计划。", "No year plan is in force.";
    item: "项目", "Item";
    targets: "对象", "Targets";
    planned_of_due: "已排 / 应排", "planned / due";
    due: "即将到期", "Due";
    overdue: "已逾期", "Overdue";
    done: "已完成", "Done";
    reminders: "到期提醒", "Reminders";
    no_reminders: "没有即将到期或逾期的事项。", "Nothing is due or overdue.";
    compliance: "年度职责", "Duties of the year";
    as_of: "截至", "as of";
    article: "条款", "Article";
    duty: "职责", "Duty";
    progress: "进度", "Progress";
    missing: "缺少", "Missing";
    due_date: "期限", "Due";
    unit: "单位", "Unit";
    matter: "事项", "Matter";
    days_left: "剩余天数", "Days left";
    this_week: "今后七天的督导", "Visits of the next seven days";
    no_visits: "没有督导安排。", "No visits.";
    ledger_totals: "台账", "Ledger";
    findings: "问题数", "Findings";
    unresolved: "未销号", "Unresolved";
    not_available: "暂时无法取得", "Not available now";

    // Schools.
    schools: "学校", "Schools";
    school: "学校", "School";
    stage: "学段", "Stage";
    town: "乡镇", "Town";
    pupils: "学生数", "Pupils";
    staff: "教职工数", "Staff";
    provider: "办别", "Provider";
    boarding: "寄宿", "Boarding";
    zone: "责任区", "Zone";
    responsible: "责任督学", "Responsible supervisor";
    since: "自", "since";
    last_inspection: "上次综合督导", "Last comprehensive inspection";
    place: "位置", "Place";
    closed: "已停用", "closed";
    show_closed: "包括已停用", "Closed ones too";
    visits: "督导安排", "Visits";
    visits_of_school: "督导记录", "Visits";
    findings_of_school: "问题与整改", "Findings";
    no_findings: "没有问题记录。", "No findings.";
    risk: "风险", "Risk";
    risk_points: "风险分", "Points";
    of_at_most: "满分", "of at most";
    kind: "类别", "Kind";
    team: "督导人员", "Team";
    finding: "问题", "Finding";
    limit: "整改期限", "Limit";

    // Supervisors.
    supervisors: "督学", "Supervisors";
    supervisor: "督学", "Supervisor";
    employment: "任职", "Employment";
    stages: "可督导学段", "Stages";
    term: "任期", "Term";
    term_ends: "任期截止", "Term ends";
    training_hours: "培训学时", "Training hours";
    days_per_year: "每年可用天数", "Days a year";
    max_schools: "最多负责学校", "Most schools";
    employer: "工作单位", "Employer";
    avoids: "回避学校", "Avoids";
    their_schools: "负责的学校", "Schools";
    left: "已离任", "left";
    show_left: "包括已离任", "Those who left too";
    terms: "历次任期", "Terms";
    trainings: "培训", "Trainings";
    no_trainings: "没有培训记录。", "No trainings.";
    hours: "学时", "Hours";
    title: "主题", "Title";

    // Plans.
    zones: "责任区", "Zones";
    zonings: "责任区划分方案", "Zoning plans";
    zoning: "责任区划分方案", "Zoning plan";
    plan: "方案", "Plan";
    created: "创建于", "Created";
    no_plans: "还没有方案。", "There are no plans yet.";
    new_solve: "新建求解", "New solve";
    new_zoning: "新建责任区划分", "New zoning";
    objective: "目标值", "Objective";
    bound: "下界", "Bound";
    gap: "差距", "Gap";
    seconds: "求解秒数", "Seconds";
    minutes_a_year: "加权分钟/年", "weighted minutes a year";
    conflicts: "为什么没有可行方案", "Why there is no plan";
    ways_out: "可行的出路（已重新求解验证）", "Ways out (verified by solving again)";
    changes: "变动", "Changes";
    changes_forced: "规则必然引起", "Forced by rules";
    changes_unforced: "此外的变动", "Besides those";
    changes_least: "已证明至少需要", "Proven necessary";
    remarks: "说明", "Remarks";
    left_out: "未纳入的督学", "Supervisors left out";
    quality: "方案质量", "Quality";
    quantity: "指标", "Quantity";
    least: "最少", "Least";
    mean: "平均", "Mean";
    most: "最多", "Most";
    gini: "基尼系数", "Gini";
    form_wrong: "填写有误，请改正后重新提交。", "Something is wrong: correct it and send it again.";
    not_a_number: "须为数字，例如 1.5", "must be a number, such as 1.5";
    limits_of_solve: "求解限制", "Limits";
    at_most_seconds: "最长秒数", "Seconds at most";
    gap_percent: "差距达到（%）即止", "Enough gap (%)";
    effective_date: "生效日期", "Begins on";
    weights: "权重（分钟/年）", "Weights (minutes a year)";
    default_value: "默认", "default";
    weight_routine_travel: "经常性督导路程", "Routine travel";
    weight_team_travel: "责任区内路程", "Team travel";
    weight_imbalance: "工作量不均", "Imbalance";
    weight_change: "更换督学", "Change";
    weight_town_cut: "乡镇被拆分", "Town cut";
    pins: "事先确定", "Settled before";
    pin_kind: "种类", "Kind";
    pin_assign: "由该督学负责", "this school with this supervisor";
    pin_forbid: "不由该督学负责", "this school not with this supervisor";
    pin_together: "两校同一督学", "two schools with the same supervisor";
    pin_apart: "两校不同督学", "two schools with different supervisors";
    school_code: "学校标识码", "School code";
    other_code: "督学工号或另一学校", "Supervisor, or other school";
    include_unqualified: "包括任期已满或培训学时不足的督学", "Include supervisors whose term has ended or who lack training";
    start_solve: "开始求解", "Start";
    revise_zoning: "在现行划分上修订（变动最少优先）", "Revise the zoning in force (the fewest changes first)";
    is_revision: "修订", "revision";
    solving_now: "正在求解", "Solving";
    stop_and_keep: "停止并保留当前最优", "Stop and keep the best";
    approve: "批准", "Approve";
    activate: "启用", "Put in force";
    withdraw_plan: "撤下（不再生效）", "Take out of force";
    explain: "方案解释", "Explanation";
    solve_again: "以此为基础再求解", "Solve again from this";
    revise: "修订", "Revise";
    map: "地图", "Map";
    map_words: "责任区地图；同样的内容见下表", "Map of the zones; the table below says the same";
    base: "督学出发地", "Supervisor's base";
    days_used: "天数", "Days";
    travel_minutes: "路程分钟/年", "Travel minutes a year";
    minutes_one_way: "单程分钟", "Minutes one way";
    why: "为什么", "Why";
    why_this_supervisor: "某校为何由该督学负责（学校标识码）", "Why a school has its supervisor (school code)";
    choices_for: "可选督学", "Choices for";
    rise: "目标值变化", "Rise";
    against: "不可行的原因 / 会违反的规则", "What stands against it";
    has_it: "现任", "has it";
    do_assign: "由其负责并重新求解", "Pin and solve again";
    do_forbid: "更换督学并重新求解", "Forbid and solve again";
    binding_limits: "已达上限的规则", "Limits that bind";
    rule: "规则", "Rule";
    used: "已用 / 上限", "Used / limit";
    price: "放宽一个单位可省分钟/年", "Saved by one more";
    fairness: "公平性", "Fairness";
    spread_schools: "每名督学学校数", "Schools per supervisor";
    spread_days: "每名督学天数", "Days per supervisor";
    spread_travel: "每名督学路程分钟", "Travel minutes per supervisor";
    spread_visits: "每校督导次数", "Visits per school";

    part_routine_travel: "经常性督导行程", "Routine travel";
    part_team_travel: "团队督导行程（紧凑度）", "Team travel (compactness)";
    part_regroup: "督学调区", "Supervisors who change zone";
    part_other: "其他", "Other";
    pin_unreadable: "无法识别，请改正或取消勾选", "can't be read: correct it, or untick it";
    map_hint: "把学校拖到另一名督学的学校或出发地，可先看到增加的分钟数或违反的规则；触屏请点学校。", "Drag a school to a school or the base of another supervisor to see what it costs or breaks; on a touch screen, tap it.";
    choose_revises: "将在现行划分上修订：这所学校固定，其余尽量不动。", "The zoning in force is revised: this school is settled, and as few others as possible change.";
    choose_solves_anew: "尚无现行划分：将带着全部事先确定的内容重新求解，其他学校也可能变动。", "No zoning is in force: it is solved again with all that is settled, and other schools may change.";
    carried_to: "改由", "To";

    // The plans of many counties.
    all_plans: "各县规划进度", "Plans of all counties";
    all_plans_how: "每县显示今年最新的方案；有求解未结束时自动更新。", "The newest plan of this year in each county; it follows while a solve is under way.";
    code_begins: "代码开头", "Code begins with";
    not_begun: "未求解", "not begun";
    has_plan: "已有方案", "has a plan";
    has_no_plan: "未得到方案", "found none";

    // The year.
    years: "年度计划", "Year plans";
    year: "年度", "Year";
    year_plan: "年度督导计划", "Year plan";
    new_year: "新建年度计划", "New year plan";
    weight_travel: "路程", "Travel";
    weight_peak: "工作量高峰", "Peaks";
    weight_lateness: "高风险学校等待", "Waiting";
    weight_move: "改期", "Moves";
    revise_year: "在现行年度计划上修订（已过的督导不变，变动最少优先）", "Revise the plan in force (what is past stands, the fewest moves first)";
    pin_visit: "督导编号", "Visit";
    pin_date: "改到", "On";
    pins_of_visits: "事先确定的督导日期", "Visits on set days";
    by_month: "月历", "Months";
    by_week: "周历", "Weeks";
    load: "工作量", "Loads";
    list: "清单", "List";
    month: "月", "Month";
    week: "周", "Week";
    days_of_week: "一 二 三 四 五 六 日", "Mon Tue Wed Thu Fri Sat Sun";
    visits_count: "次", "visits";
    heat_words: "每名督学每周的督导天数", "Days of visits of each supervisor in each week";
    fewer: "少", "fewer";
    more: "多", "more";
    visit: "督导", "Visit";
    why_this_day: "这次督导为何在这一天", "Why this visit is on this day";
    other_days: "可选的日子", "Other days";
    do_move: "改到这一天并重新求解", "Move here and solve again";
    moved: "与现行计划不同的督导", "Visits that differ from the plan in force";
    before: "原计划", "Before";
    after: "现计划", "After";

    move_hint: "把督导拖到另一天，可先看到增加的分钟数或违反的规则；键盘和触屏请点开督导。", "Drag a visit to another day to see what it costs or breaks; by keyboard or touch, open the visit.";
    move_visit: "调整日期", "Move";
    moving_visit: "正在调整", "Moving";
    choose_day: "请在月历中选择日期：每天标出增加的分钟数，✗ 表示违反规则。", "Choose a day: each tells the minutes it adds, ✗ what it would break.";
    move_to: "改到", "Move to";
    move_breaks: "这一天违反规则，求解后将被拒绝或引起其他变动：", "This day breaks a rule; the solve will refuse it or move others:";
    move_revises: "将在现行计划上修订：这次督导固定在这一天，其余尽量不动。", "The plan in force is revised: this visit is settled, and as few others as possible move.";
    move_solves_anew: "本方案未启用：将带着全部事先确定的日期重新求解，其他督导也可能变动。", "This plan is not in force: it is solved again with all that is settled, and other visits may move.";
    do_pin: "固定并重新求解", "Settle and solve again";
    changes_to_accept: "批准前请核对：本次修订的变动", "Before you approve: what this revision changes";
    bars: "甘特图", "Bars";
    by_zone: "各责任区", "Zones";
    burden: "学校负担", "Burden of schools";
    visits_in_all: "合计（次）", "Visits";
    days_apart: "最短间隔（天）", "Fewest days apart";
    towns_themselves: "乡镇（督政）", "towns themselves";
    calendar_file: "日历文件 (.ics)", "For calendars (.ics)";
    compare: "比较方案", "Compare plans";
    first_plan: "第一个方案", "First plan";
    second_plan: "第二个方案", "Second plan";
    do_compare: "比较", "Compare";
    moved_in_all: "变动", "Moved";
    nothing_moved: "两个方案没有不同。", "The two plans do not differ.";

    // Files.
    import: "导入", "Import";
    import_how: "先检查，后导入：上传后会列出全部有误的单元格，或将发生的变化；确认后才写入。", "Checked first, then imported: you see every wrong cell, or what would change, before anything is written.";
    template_of_schools: "下载学校模板", "Template for schools";
    template_of_supervisors: "下载督学模板", "Template for supervisors";
    export_schools: "导出学校清单", "Schools as Excel";
    export_supervisors: "导出督学清单", "Supervisors as Excel";
    export: "导出 Excel", "As Excel";
    file_holds: "文件内容", "It holds";
    file: "文件（.xlsx 或 .csv）", "File (.xlsx or .csv)";
    replace: "文件中没有的记录予以停用", "Close what the file does not have";
    check_file: "检查文件", "Check";
    choose_file: "请选择一个 .xlsx 或 .csv 文件。", "Choose an .xlsx or .csv file.";
    too_large: "文件超过 20 MiB。", "The file is larger than 20 MiB.";
    cells_wrong: "有误的单元格（未写入任何数据）", "Wrong cells (nothing was written)";
    take_marked: "下载标注了错误的文件", "The file with wrong cells marked";
    marked: "标注", "marked";
    send_again: "改正后重新上传", "Send it again";
    sheet: "工作表", "Sheet";
    row: "行", "Row";
    column: "列", "Column";
    value: "值", "Value";
    problem: "问题", "Problem";
    imported: "已导入。", "Imported.";
    file_fine: "检查通过，尚未写入。请核对后确认。", "Nothing is wrong, and nothing is written yet. Look over it and confirm.";
    new_rows: "新增", "New";
    changed_rows: "更新", "Changed";
    same_rows: "不变", "Unchanged";
    closed_rows: "停用", "Closed";
    confirm_import: "确认导入", "Import";
    datum: "坐标系", "Coordinates";
    datum_wgs84: "WGS-84 / CGCS2000（GPS、天地图）", "WGS-84 / CGCS2000 (GPS, Tianditu)";
    datum_gcj02: "GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)";
    map_layers: "底图图层", "Map layers";
    map_layers_how: "上传本县的 GeoJSON（乡镇界线、县域各部分、道路、河流），显示在责任区地图之下；图形的 name 属性显示为名称。学校与界线错位时，多半是坐标系选错了。", "Upload the county's own GeoJSON (outlines of towns and of the county's parts, roads, rivers): it lies under the maps of zones, and each shape is called by its property name. If schools stand beside where they should, the coordinates are most likely of the other kind.";
    map_layers_map: "底图与学校；图层见下表", "The layers and the schools; the table below lists the layers";
    geojson_file: "文件（.geojson 或 .json）", "File (.geojson or .json)";
    choose_geojson: "请选择一个 GeoJSON 文件。", "Choose a GeoJSON file.";
    add_layer: "上传图层", "Upload";
    remove_layer: "移除", "Remove";
    shapes: "图形", "Shapes";
    no_layers: "尚无图层。", "There are no layers yet.";
    cancel: "取消", "Cancel";

    // The ledger, cases, visits.
    ledger: "台账", "Ledger";
    proposals: "待办", "Worklist";
    proposals_how: "系统按期限提出，由负责人决定", "the clock proposes, an officer decides";
    step: "步骤", "Step";
    due_within: "几天内到期", "Due within days";
    only_unresolved: "仅未办结", "Unresolved only";
    only_overdue: "仅逾期", "Overdue only";
    overdue_days: "逾期天数", "Days overdue";
    case: "整改案", "Case";
    all_closed: "已全部销号", "closed";
    document: "文号", "Document";
    requirement: "整改要求", "What must be done";
    officer: "决定人", "Officer";
    ladder: "督办阶梯", "Ladder";
    timeline: "经过", "What has happened";
    case_opened: "立案", "Opened";
    danger: "违法或危及生命", "illegal, or a danger to life";
    step_decide: "作出整改决定", "Rectification decision";
    step_act: "立行立改", "Immediate action";
    step_report: "上报整改情况", "Report the rectification";
    step_urge: "发督办函", "Urging letter";
    step_extend: "延长期限", "Extend the limit";
    step_check: "核查", "Check";
    step_publish: "公布结果", "Publish the result";
    step_close: "销号", "Close out";
    step_look_back: "回头看", "Look back";
    what_was_done: "整改措施与结果", "What was done";
    by_whom: "填报人", "By whom";
    is_put_right: "整改到位", "put right";
    is_not_put_right: "整改不到位", "not put right";
    is_still_right: "保持到位", "still put right";
    is_back: "问题反弹", "back again";
    what_was_seen: "情况说明", "What was seen";
    where_to_read: "公布渠道", "Where it can be read";
    words_for_the_public: "公布内容（不含个人信息）", "Words for the public (no persons)";
    rests_on: "销号依据", "On what it rests";
    attendees: "参加人（用顿号分隔）", "Who takes part";
    record: "书面记录", "Record";
    today: "今天", "Today";
    duties: "待答复事项", "What we must answer";
    to_answer: "须答复的事项与期限", "To answer, and until when";
    nothing_to_answer: "目前没有须答复的事项。", "There is nothing to answer now.";
    no_limit: "未定期限", "no limit";
    next_step: "下一步", "Next step";
    step_notify: "书面通知", "Notice";
    step_self_evaluate: "提交自评", "Self-evaluation";
    step_begin: "开始现场督导", "Begin on site";
    step_hear: "听取意见", "Hear a group";
    step_finish: "结束现场督导", "Finish on site";
    step_record: "督导记录", "Record";
    step_preliminary: "初步督导意见", "Preliminary opinion";
    step_plead: "申辩", "Plea";
    step_answer: "答复申辩", "Answer to the plea";
    step_agree: "同意意见书", "Agree to the letter";
    step_letter: "督导意见书", "Opinion letter";
    step_publish_visit: "公布", "Publication";
    step_team: "确定督导小组", "Choose the team";
    step_reschedule: "改期", "Another day";
    step_cancel_visit: "取消督导", "Cancel the visit";
    step_substitute: "更换组员", "Someone else in the team";
    step_review: "审核自评", "Review of the self-evaluation";
    step_participate: "成员单位参加", "A member unit takes part";
    step_urge_visit: "当场督促", "Urge at once";
    step_report_visit: "督导报告（报本级政府）", "Report to the government";
    step_file: "报上级备案", "File upward";
    what_to_prepare: "通知内容（请准备什么）", "What to prepare";
    self_evaluation_due: "自评期限（可不填）", "Self-evaluation due (may be empty)";
    plea_accepted: "采纳（全部或部分）", "Followed, in whole or in part";
    persons_by_line: "参加人员（每行一人）", "Who came (one a line)";
    leaving: "退出", "Leaves";
    joining: "加入", "Joins";
    nobody: "无人", "nobody";
    receipt: "回执（可后补）", "Receipt (may come later)";
    where_published: "在何处公布", "Where it can be read";
    what_is_published: "公布内容（不含个人信息）", "What is published (no personal data)";
    step_finding: "记录问题", "Record a finding";
    title_of_finding: "问题（一句话）", "What is wrong, in a line";
    basis: "依据", "Basis";
    severity_word: "严重程度", "Severity";
    what_it_says: "内容", "What it says";
    group: "对象", "Group";
    students: "学生", "Students";
    parents: "家长", "Parents";
    teachers: "教师", "Teachers";
    public: "公众", "Public";
    how_many: "人数", "How many";
    what_they_said: "意见", "What they said";
    matters: "督导事项", "Matters";
    my_visits: "我的督导", "My visits";
    me: "我的情况", "About me";
    visits_paid: "已督导（次）", "Visits paid";
    visits_to_come: "待督导（次）", "Visits to come";
    training_this_year: "今年培训学时", "Training hours this year";
    before_you_go_in: "进校前请看", "Before you go in";
    open_findings: "未销号的问题", "Open findings";
    earlier_visits: "以往督导", "Earlier visits";
    photos: "照片（可不拍；在本机压缩后上传）", "Photos (may be none; made small on the device)";
    photo_of: "照片：", "Photo:";
    photo_to_come: "照片待上传", "photo to come";
    outbox: "本机待发送的记录", "Kept on this device, to be sent";
    outbox_sign_in: "登录已过期或已换人：记录仍在本机，请原填报人重新登录后发送。", "Nobody, or somebody else, is signed in: the records stay here until their writer signs in again.";
    outbox_later: "暂无网络：记录已保存在本机，联网后自动发送，不会重复。", "No signal: kept on this device, sent once when there is.";
    outbox_full: "未能保存在本机：", "It could not be kept on this device:";
    outbox_sure: "确定放弃这条记录？", "Throw this record away?";
    outbox_again: "重新发送", "Send again";
    outbox_drop: "放弃", "Throw away";

    // Complaints and leads.
    complaints: "举报线索", "Leads";
    anonymous: "匿名", "Unnamed";
    assigned_to: "交办", "Given to";
    assign_to: "督学工号（不填则交责任督学）", "Supervisor (empty: whoever is responsible)";
    step_assign: "交办", "Give to a supervisor";
    step_refuse: "不予受理", "Do not accept";
    step_forward: "转交", "Forward";
    step_verify: "核实", "Verify";
    step_close_complaint: "办结", "Close";
    answer_to_reporter: "答复内容（反映人可见，不含个人信息）", "Answer (its reporter reads it; no persons)";

    // Member units.
    units: "成员单位", "Member units";
    unit_duties: "督导职责", "Duties in supervision";
    liaison: "联络员", "Liaison";
    most_inspections: "每年最多参加", "Inspections a year at most";

    // Balance.
    balance: "均衡监测", "Balance";
    no_balance: "还没有均衡监测数据。", "There are no balance figures yet.";
    standard: "标准", "Standard";
    quality_balance: "优质均衡", "Quality balance";
    basic_balance: "基本均衡", "Basic balance";
    schools_passing: "达标学校", "Schools that pass";
    what_if: "如果…会怎样", "What if";
    by_so_much: "增加（全校共用）", "By so much (shared by its stages)";
    nothing_stored: "只作测算，不保存", "nothing is stored";
    no_verdict_changes: "没有一项结论改变。", "No verdict changes.";
    now_met: "达标", "met";
    no_longer_met: "不再达标", "no longer met";
    is_met: "是否达标", "Met";
    towns_compared: "乡镇比较", "Towns compared";
    resources_met: "达标项 / 应达", "Resources met / asked";
    variations: "差异系数", "Coefficients of variation";
    coefficient: "系数", "Coefficient";
    gaps: "缺口", "What is missing";
    gap_more: "还需", "More";

    // The filed list.
    list_items: "年度清单", "Filed list";
    new_list_item: "列入清单", "Put on the list";
    filed_with: "备案机关", "Filed with";
    file_date: "备案日期", "Filed on";
    step_withdraw_item: "移出清单", "Take off the list";
    withdrawn: "已移出", "taken off";

    // Accountability decisions.
    decisions: "问责", "Accountability";
    no_decisions: "没有问责事项。", "There are no decisions.";
    open_decision: "立案", "Open a decision";
    opened_on: "立案日期", "Opened on";
    whom_it_concerns: "问责对象", "Whom it concerns";
    called_for_by: "情形（第十四条）", "What called for it (art. 14)";
    person: "责任人姓名（对象为单位时不填）", "Person (empty for a unit)";
    person_number: "人员编号（如工号，不得为身份证号）", "Staff number (never an identity card's)";
    post: "职务", "Post";
    measures: "问责方式", "Forms";
    group_due: "成立调查组期限", "Group due";
    step_group: "成立调查组", "Set up the group";
    members_by_line: "组员（每行一人）", "Members (one a line)";
    step_tell: "书面告知事实和拟问责方式", "Tell facts and intended forms";
    basic_facts: "基本事实", "Basic facts";
    intended_forms: "拟问责方式", "Intended forms";
    may_speak_until: "陈述申辩期限", "May speak until";
    step_hear_statement: "听取陈述申辩", "Statement";
    outcome: "结果", "Outcome";
    step_consult: "征求成员单位意见", "Consult a member unit";
    agrees: "同意", "Agrees";
    does_not_agree: "不同意", "Does not agree";
    step_approve: "批准", "Approval";
    approver: "批准人", "Who approves";
    what_is_found: "认定结论", "What is found";
    what_exactly: "具体内容", "what exactly";
    organ: "移交机关", "organ";
    step_issue_decision: "下达决定", "Issue";
    takes_effect: "生效日期", "Takes effect";
    step_deliver: "送达", "Delivery";
    receiver: "签收人", "Who received it";
    review_until: "申请复查期限", "Review may be asked until";
    step_execute: "执行", "Carry out";
    step_refer: "移交", "Refer";
    step_drop: "终止（不予问责）", "Drop it";
    grounds: "理由", "Grounds";
    step_ask_review: "申请复查", "Ask for review";
    step_decide_review: "复查决定", "Decision on review";
    step_appeal: "申诉", "Appeal";
    step_decide_appeal: "申诉决定", "Decision on appeal";
    step_correct: "更正决定", "Correct it";
    step_notify_case: "发布通报", "Issue a notification";
    recipients: "发送单位（每行一个）", "Recipients (one a line)";
    step_file_interview: "约谈记录备案", "File the interview's record";
    step_file_results: "整改结果报备", "File the results";
    step_withdraw_finding: "撤回问题", "Withdraw the finding";

    // What was changed.
    history: "变动记录", "History";
    nothing_changed: "没有变动。", "Nothing was changed.";
    what_happened: "事项", "What";
    who: "操作人", "Who";
    changed_fields: "变动内容", "Changes";
    earlier: "更早", "Earlier";

    // Records.
    records: "登记管理", "Records";
    no_records: "没有记录。", "There are no records.";
    new_record: "新增", "New";
    change_record: "修改", "Change";
    in_yuan: "元", "yuan";
    one_a_line: "每行一个", "one a line";
    rows_a_line: "每行一条，可从 Excel 连同表头粘贴", "one a line, may be pasted from Excel with its headings";
    columns: "各列依次为", "Columns";
    not_stated: "（未填）", "(not stated)";
    line_number: "行", "line";
    too_many_cells: "列数过多", "has too many cells";
    not_understood: "无法识别", "is not understood";

    // Campaigns.
    campaigns: "督导项目", "Campaigns";
    new_campaign: "新建督导项目", "New campaign";
    change_campaign: "修改", "Change";
    save: "保存", "Save";
    no_campaigns: "没有督导项目。", "There are no campaigns.";
    line: "工作类别", "Line";
    window_of_campaign: "督导时间", "Window";
    from: "自", "From";
    until: "至", "Until";
    inspected: "督导对象", "What is inspected";
    list_item: "年度清单事项", "Item of the filed list";
    no_list_item: "无（仅限突发督导）", "none (emergencies only)";
    why_not_listed: "不能等待列入清单的原因（仅限突发督导）", "Why it can't wait for the list (emergencies only)";
    matters_by_line: "督导内容（每行一项）", "Matters (one a line)";
    method: "督导方式", "Method";
    judged_by: "评估指标体系", "Indicator set";
    published_to: "结果公开范围", "Who may read the result";
    no_schools: "县、乡镇、部门", "County, towns, units";
    without_town: "未填乡镇", "No town";
    whole_group: "全选", "All of them";
    covered: "已安排督导", "With a visit";
    not_yet: "未安排", "not yet";
    overlaps: "可以合并的督导项目", "Campaigns that could be one with this";
    overlaps_how: "对象相同、内容相近、时间相近的督导应合并进行，减轻学校负担。", "What visits the same objects for like matters at about the same time should be one, to spare schools.";
    step_merge: "把本项目并入", "Merge this one into it";
    merged_into: "已并入", "Merged into";
    step_decide_campaign: "确定督导内容和方式", "Fix content and method";
    step_conclude_campaign: "项目完成", "All is done";
    step_cancel: "取消项目", "Cancel it";
    decided_on: "确定日期", "Fixed on";
    new_visit: "安排督导", "Plan a visit";
    days_it_takes: "天数（可为半天）", "Days (halves too)";
    leader: "组长", "Leader";
    members: "组员", "Members";

    // Draws.
    new_draw: "新建抽查", "New draw";
    parties_of_draw: "参与方（每行一个，至少两个）", "Parties (one a line, two or more)";
    stages_of_draw: "抽查学段（如 小学、初中）", "Stages (such as 小学, 初中)";
    share_of_draw: "抽取比例（%）", "Share (%)";
    count_of_draw: "至少抽取（所）", "At least so many";
    officers_of_draw: "每所督学人数", "Officers for each";
    rotation_of_draw: "轮换年限", "Years of rotation";
    step_commit: "提交承诺值", "Hand in a commitment";
    step_freeze: "冻结名单", "Freeze the pools";
    step_reveal: "公开密值", "Reveal the secret";
    step_void: "作废", "Void";
    step_publish_draw: "公布抽取记录", "Publish the record";
    further_officers: "其他人员（成员单位，每行一个）", "Further officers (of member units, one a line)";
    secret_here: "密值（只留在本机，请抄存，公开时要用）", "Secret (stays on this device: keep it, it is needed to reveal)";
    draw_secret: "随机生成", "Draw one";
    draws: "双随机抽查", "Random draws";
    no_draws: "没有抽查。", "There are no draws.";
    frozen: "名单冻结", "Frozen";
    reveal_until: "公开密值期限", "Reveal until";
    proof_of_draw: "抽取凭证", "Proof";
    pool_hash: "名单哈希", "Hash of the pools";
    seed: "种子", "Seed";
    party: "参与方", "Party";
    commitment: "承诺值", "Commitment";
    secret: "密值", "Secret";
    take_record: "下载抽取记录", "The record";
    verify_how: "任何人都可据此重新抽取验证：", "Anyone can draw again from it:";
    drawn: "抽中", "Drawn";
    stratum: "分层", "Stratum";

    // Official documents.
    documents: "公文", "Documents";
    documents_of: "公文（下载、印发）", "Documents (take away, issue)";
    no_documents: "还没有可以制作的公文。", "No document can be made yet.";
    document_kind_word: "文种", "Kind";
    take_away: "下载", "Download";
    draft_document: "草稿", "Draft";
    issue_document: "印发", "Issue";
    edited_draft: "修改后的草稿（.docx，可不选：按系统草稿印发）", "The edited draft (.docx; without one it is issued as drafted)";
    withdraw_document: "撤回", "Withdraw";
    withdrawn_document: "已撤回", "withdrawn";

    // Evaluations.
    evaluations: "评估", "Evaluations";
    evaluated: "评估对象", "What is judged";
    indicator_set: "指标体系", "Indicator set";
    indicator: "指标", "Indicator";
    begin_evaluation: "发起评估", "Begin an evaluation";
    no_indicator_set: "没有已发布的指标体系。可用 dudao inspect 命令由预设建立并发布。", "No indicator set is published. Create one from a preset by dudao inspect, and publish it.";
    total: "总分", "Total";
    own_total: "自评总分", "The unit's own total";
    verdict: "结论", "Verdict";
    concluded: "已作结论", "Concluded";
    passing: "合格及以上", "Pass or better";
    by_group: "各部分得分", "By part";
    weight: "权重", "Weight";
    scores: "评分", "Scores";
    score: "评分", "Score";
    own_score: "自评", "Own";
    team_score: "督导组", "Team";
    what_passes: "取值与标准", "Range and what passes";
    veto: "一票否决", "veto";
    vetoes_failed: "一票否决项未达到", "Vetoes that failed";
    save_scores: "保存评分", "Save the scores";
    scored_by: "评分督学（工号）", "Supervisor who gives them (code)";
    hand_in_scores: "提交自评（此后不可改）", "Hand in the scores (final)";
    conclude: "作出结论（此后不可改）", "Conclude (final)";
    take_back: "撤回评估", "Take back";

    // The public room.
    county_code: "行政区划代码（六位数字）", "County code (six digits)";
    county_code_wrong: "应为六位数字，例如 140525", "must be six digits, such as 140525";
    public_reports: "督导报告", "Reports";
    public_results: "整改结果", "Results";
    public_decisions: "公开通报", "Decisions";
    commendations: "表扬激励", "Commendations";
    plaques: "责任督学标牌", "Plaques";
    nothing_published: "暂无公布内容。", "Nothing is published yet.";
    persons: "个人", "persons";
    phone: "联系电话", "Phone";
    lead: "反映问题", "Report something";
    lead_how: "可以反映学校、幼儿园的问题、线索或建议，由责任督学核实并答复。可以匿名；留下联系方式只供督导办核实时联系，不会公开。", "Report a problem, a lead or a suggestion about a school or kindergarten; its responsible supervisor looks into it and answers. You may stay unnamed; who you are is never shown.";
    lead_school: "学校或幼儿园", "School or kindergarten";
    lead_text: "发生了什么（时间、地点、情况）", "What has happened, when and where";
    lead_date: "发生日期（可不填）", "When (may be empty)";
    lead_person: "您的联系方式（均可不填）", "Who you are (all of it may be empty)";
    lead_name: "姓名", "Name";
    lead_address: "其他联系方式", "Any other way to reach you";
    send: "提交", "Send";
    lead_taken: "已收到。请记下查询号，凭它可查看办理情况和答复：", "Received. Keep this number: it shows the state and the answer:";
    lead_track: "查询办理情况", "How it stands";
    lead_number: "查询号", "Number";
    answer_until: "答复期限", "To be answered by";
    answer: "答复", "Answer";
    verified_as: "核实结果", "Found";
    forwarded_to: "转交", "Forwarded to";
    no_such_number: "没有这个查询号，请核对。", "There is no such number: check it.";
    too_many_leads: "此网络地址提交过多，请稍后再试，或拨打学校门口标牌上的督学电话。", "Too many have come from this address: try later, or call the supervisor whose number is on the school's plaque.";
    verify_title: "如何验证", "How to verify";
    verify_1: "下载抽取记录（JSON）。记录中有冻结的名单、各参与方的承诺值和密值。", "Take the record (JSON): it holds the frozen pools, and each party's commitment and secret.";
    verify_2: "核对：每个密值的哈希等于事先公布的承诺值；名单的哈希等于冻结时公布的哈希。", "Check that each secret hashes to the commitment published before, and the pools to the hash published when they were frozen.";
    verify_3: "用下面任一程序按记录重新抽取，结果应完全相同：", "Draw again by either program; the outcome must be the same:";
    program: "程序", "Program";
}
