{{/* Names, labels, and what a role is. A role's helper takes (dict "root" $ "role" "registry"). */}}

{{- define "dudao.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 40 characters: a role's name, a revision or a volume's name follows. */}}
{{- define "dudao.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "dudao.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "dudao.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "dudao.selector" -}}
app.kubernetes.io/name: {{ include "dudao.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .role }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "dudao.labels" -}}
{{ include "dudao.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: dudao
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* The roles of this release, in the order in which they are told of. */}}
{{- define "dudao.roles" -}}
{{- if eq .Values.mode "single" -}}
[single]
{{- else -}}
[registry, inspection, accountability, scheduler, console]
{{- end -}}
{{- end -}}

{{/* Whom a role calls. */}}
{{- define "dudao.calls" -}}
{{- get (dict
  "registry" "[inspection, accountability, scheduler]"
  "inspection" "[registry, accountability, scheduler]"
  "accountability" "[registry, inspection]"
  "scheduler" "[registry, inspection]"
  "console" "[registry, inspection, accountability, scheduler]"
  "single" "[]") . -}}
{{- end -}}

{{/* The gRPC services of a role, as the contract has them. */}}
{{- define "dudao.services" -}}
{{- get (dict
  "registry" "[Admission, Assessment, Calendar, Committee, County, Intake, MapLayer, Meeting, MemberUnit, Plaque, ProgressReport, RegistryDocument, RegistryEvent, RegistryYear, Relation, Ruleset, School, Supervisor, Town, Training, Zone]"
  "inspection" "[Assessor, BalanceReport, BudgetLine, Campaign, Claim, Complaint, Contract, Directive, Draw, Evaluation, Evidence, FiledReport, Finding, IndicatorSet, InspectionDocument, InspectionEvent, InspectionYear, ListItem, Note, Objection, Public, Result, Risk, SupervisorWork, Visit]"
  "accountability" "[AccountabilityDecision, AccountabilityDocument, AccountabilityEvent, AccountabilityYear, Case, Commendation, Compliance, Ledger, Publication, SupervisorClosure]"
  "scheduler" "[SchedulerEvent, YearPlan, ZoningPlan]") . -}}
{{- end -}}

{{/* The full names of the gRPC services behind a role's port, as a YAML list; everybody signs in at the registry. */}}
{{- define "dudao.routes" -}}
{{- $names := list -}}
{{- $of := ternary (list "registry" "inspection" "accountability" "scheduler") (list .) (eq . "single") -}}
{{- range $role := $of -}}
{{- range include "dudao.services" $role | fromYamlArray -}}
{{- $names = append $names (printf "dudao.%s.v1.%sService" $role .) -}}
{{- end -}}
{{- if eq $role "registry" -}}
{{- $names = append $names "dudao.auth.v1.SignInService" -}}
{{- end -}}
{{- end -}}
{{- $names | toYaml -}}
{{- end -}}

{{/* What holds for a role: the defaults, and what it says otherwise. */}}
{{- define "dudao.role" -}}
{{- $own := get .root.Values .role | default dict -}}
{{- mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy $own) | toYaml -}}
{{- end -}}

{{- define "dudao.service" -}}
{{- printf "%s-%s" (include "dudao.fullname" .root) .role -}}
{{- end -}}

{{- define "dudao.host" -}}
{{- printf "%s.%s.svc" (include "dudao.service" .) .root.Release.Namespace -}}
{{- end -}}

{{- define "dudao.tlsSecret" -}}
{{- if eq .root.Values.tls.source "certManager" -}}
{{- printf "%s-tls" (include "dudao.service" .) -}}
{{- else -}}
{{- required (printf "tls.existingSecrets.%s names the Secret with its certificate" .role) (get .root.Values.tls.existingSecrets .role) -}}
{{- end -}}
{{- end -}}

{{- define "dudao.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository ($image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "dudao.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "dudao.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "dudao.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "dudao.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}
