{{/* The pod of a role. */}}

{{/* Environment, by name: so that none is there twice. (dict "root" $ "role" …) */}}
{{- define "dudao.env" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $role := .role -}}
{{- $env := dict
  "DUDAO_LOG" $values.logs.filter
  "DUDAO_LOG_FORMAT" $values.logs.format
  "DUDAO_LISTEN" (printf "%s:50051" $values.listenAddress)
  "DUDAO_CONSOLE_LISTEN" (printf "%s:8080" $values.listenAddress)
  "DUDAO_ADMIN_LISTEN" (printf "%s:9090" $values.listenAddress)
  "DUDAO_GRACE_SECONDS" (toString $values.graceSeconds)
  "DUDAO_CALLS_PER_SECOND" (toString $values.limits.callsPerSecond)
  "DUDAO_CALLS_AT_ONCE" (toString $values.limits.callsAtOnce) -}}
{{- with $values.telemetry.otlpEndpoint }}{{ $_ := set $env "DUDAO_OTLP_ENDPOINT" . }}{{ end -}}
{{- with $values.console.tiles }}{{ $_ := set $env "DUDAO_CONSOLE_TILES" . }}{{ end -}}
{{- with $values.console.tilesDatum }}{{ $_ := set $env "DUDAO_CONSOLE_TILES_DATUM" . }}{{ end -}}
{{- if eq $role "single" -}}
{{- $_ := set $env "DUDAO_DATA" "/data" -}}
{{- else -}}
{{- $_ := set $env "DUDAO_DATA" "/tmp" -}}
{{- if ne $role "console" -}}
{{- $_ := set $env "DUDAO_MIGRATE" "false" -}}
{{- $_ := set $env "DUDAO_DATABASE_URL" (include "dudao.databaseUrl" (dict "secret" $values.database.existingSecret "key" $values.database.key "what" "database.existingSecret") | fromYaml) -}}
{{- with $values.database.caSecret -}}
{{- $_ := set $env "PGSSLMODE" "verify-full" -}}
{{- $_ := set $env "PGSSLROOTCERT" "/etc/dudao/postgresql/ca.crt" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if or $values.keys.existingSecret (ne $role "single") -}}
{{- $_ := set $env "DUDAO_KEYS" "/etc/dudao/keys" -}}
{{- end -}}
{{- if eq $values.tls.source "none" -}}
{{- $_ := set $env "DUDAO_INSECURE_LISTEN" "true" -}}
{{- else -}}
{{- $_ := set $env "DUDAO_TLS_CERT" "/etc/dudao/tls/tls.crt" -}}
{{- $_ := set $env "DUDAO_TLS_KEY" "/etc/dudao/tls/tls.key" -}}
{{- $_ := set $env "DUDAO_TLS_CA" "/etc/dudao/tls/ca.crt" -}}
{{- $_ := set $env "DUDAO_PEERS" "/etc/dudao/peers/peers.toml" -}}
{{- end -}}
{{- range $peer := include "dudao.calls" $role | fromYamlArray -}}
{{- $_ := set $env (printf "DUDAO_%s" (upper $peer)) (printf "https://%s:50051" (include "dudao.host" (dict "root" $root "role" $peer))) -}}
{{- end -}}
{{- if $values.oidc.issuer -}}
{{- $_ := set $env "DUDAO_OIDC_ISSUER" $values.oidc.issuer -}}
{{- $_ := set $env "DUDAO_OIDC_AUDIENCE" $values.oidc.audience -}}
{{- $_ := set $env "DUDAO_OIDC_CLAIM" $values.oidc.claim -}}
{{- with $values.oidc.caSecret }}{{ $_ := set $env "DUDAO_OIDC_CA" "/etc/dudao/oidc/ca.crt" }}{{ end -}}
{{- end -}}
{{- with $values.oidc.ownTokens }}{{ $_ := set $env "DUDAO_OWN_TOKENS" . }}{{ end -}}
{{- if has $role (list "inspection" "single") -}}
{{- $_ := set $env "DUDAO_EVIDENCE_MAX_MIB" (toString $values.evidence.maxMib) -}}
{{- if $values.evidence.bucket.name -}}
{{- $secret := required "evidence.bucket.existingSecret has the bucket's keys" $values.evidence.bucket.existingSecret -}}
{{- $_ := set $env "DUDAO_EVIDENCE_BUCKET" $values.evidence.bucket.name -}}
{{- $_ := set $env "DUDAO_EVIDENCE_ENDPOINT" (required "evidence.bucket.endpoint is where the bucket is" $values.evidence.bucket.endpoint) -}}
{{- $_ := set $env "DUDAO_EVIDENCE_REGION" $values.evidence.bucket.region -}}
{{- $_ := set $env "DUDAO_EVIDENCE_ACCESS_KEY" (dict "valueFrom" (dict "secretKeyRef" (dict "name" $secret "key" "access-key"))) -}}
{{- $_ := set $env "DUDAO_EVIDENCE_SECRET_KEY" (dict "valueFrom" (dict "secretKeyRef" (dict "name" $secret "key" "secret-key"))) -}}
{{- else if $values.evidence.existingClaim -}}
{{- $_ := set $env "DUDAO_EVIDENCE_DIR" "/evidence" -}}
{{- else if eq $role "inspection" -}}
{{- fail "evidence.bucket or evidence.existingClaim: replicas of the inspection share where evidence is kept" -}}
{{- end -}}
{{- end -}}
{{- if and $values.nats.url (ne $role "console") -}}
{{- $_ := set $env "DUDAO_NATS_URL" $values.nats.url -}}
{{- $_ := set $env "DUDAO_NATS_STREAM" $values.nats.stream -}}
{{- with $values.nats.credentialsSecret }}{{ $_ := set $env "DUDAO_NATS_CREDENTIALS" "/etc/dudao/nats/nats.creds" }}{{ end -}}
{{- with $values.nats.caSecret }}{{ $_ := set $env "DUDAO_NATS_CA" "/etc/dudao/nats-ca/ca.crt" }}{{ end -}}
{{- end -}}
{{- range $name, $value := .settings.extraEnv }}{{ $_ := set $env $name $value }}{{ end -}}
{{- include "dudao.envList" $env -}}
{{- end -}}

{{/* A text, or { valueFrom: … }, by name, as a container has it. */}}
{{- define "dudao.envList" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
{{- if kindIs "map" $value }}
  {{- toYaml $value | nindent 2 }}
{{- else }}
  value: {{ toString $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "dudao.databaseUrl" -}}
valueFrom:
  secretKeyRef:
    name: {{ required (printf "%s has the URL of PostgreSQL" .what) .secret }}
    key: {{ .key }}
{{- end -}}

{{/* Files that a role reads: a list of { name, at, source }. */}}
{{- define "dudao.files" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $role := .role -}}
{{- if or $values.keys.existingSecret (ne $role "single") }}
- { name: keys, at: /etc/dudao/keys, source: { secret: { secretName: {{ required "keys.existingSecret has the installation's keys" $values.keys.existingSecret | quote }}, defaultMode: 0440 } } }
{{- end }}
{{- if ne $values.tls.source "none" }}
- { name: tls, at: /etc/dudao/tls, source: { secret: { secretName: {{ include "dudao.tlsSecret" (dict "root" $root "role" $role) | quote }}, defaultMode: 0440 } } }
- { name: peers, at: /etc/dudao/peers, source: { configMap: { name: {{ include "dudao.fullname" $root }}-peers } } }
{{- end }}
{{- if and $values.database.caSecret (not (has $role (list "single" "console"))) }}
- { name: postgresql-ca, at: /etc/dudao/postgresql, source: { secret: { secretName: {{ $values.database.caSecret | quote }}, items: [{ key: ca.crt, path: ca.crt }] } } }
{{- end }}
{{- if and $values.oidc.issuer $values.oidc.caSecret }}
- { name: oidc-ca, at: /etc/dudao/oidc, source: { secret: { secretName: {{ $values.oidc.caSecret | quote }}, items: [{ key: ca.crt, path: ca.crt }] } } }
{{- end }}
{{- if and $values.nats.url (ne $role "console") }}
{{- with $values.nats.credentialsSecret }}
- { name: nats, at: /etc/dudao/nats, source: { secret: { secretName: {{ . | quote }}, defaultMode: 0440, items: [{ key: nats.creds, path: nats.creds }] } } }
{{- end }}
{{- with $values.nats.caSecret }}
- { name: nats-ca, at: /etc/dudao/nats-ca, source: { secret: { secretName: {{ . | quote }}, items: [{ key: ca.crt, path: ca.crt }] } } }
{{- end }}
{{- end }}
{{- end -}}

{{/* What a role asks for and what it is made of: a pod template. */}}
{{- define "dudao.pod" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $role := .role -}}
{{- $settings := .settings -}}
{{- $files := include "dudao.files" . | fromYamlArray -}}
{{- $evidence := and $values.evidence.existingClaim (not $values.evidence.bucket.name) (has $role (list "inspection" "single")) -}}
metadata:
  labels:
    {{- include "dudao.labels" (dict "root" $root "role" $role) | nindent 4 }}
    {{- with $settings.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    {{- if ne $values.tls.source "none" }}
    checksum/peers: {{ include (print $root.Template.BasePath "/peers.yaml") $root | sha256sum }}
    {{- end }}
    kubectl.kubernetes.io/default-container: dudao
    {{- with $settings.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "dudao.serviceAccount" $root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with $values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with $settings.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  terminationGracePeriodSeconds: {{ add $values.graceSeconds $values.drainSeconds 5 }}
  securityContext:
    {{- include "dudao.podSecurity" $root | nindent 4 }}
  containers:
    - name: dudao
      image: {{ include "dudao.image" $root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args:
        - serve
        {{- if ne $role "single" }}
        - --only
        - {{ $role }}
        {{- end }}
        {{- range $settings.extraArgs }}
        - {{ . | quote }}
        {{- end }}
      env:
        {{- include "dudao.env" . | nindent 8 }}
      ports:
        {{- include "dudao.ports" $role | nindent 8 }}
      # The listener of probes speaks gRPC in the clear; `liveness` says that the process lives, `readiness` that its database answers, too.
      startupProbe:
        grpc: { port: 9090, service: liveness }
        periodSeconds: 2
        failureThreshold: 150
      livenessProbe:
        grpc: { port: 9090, service: liveness }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        grpc: { port: 9090, service: readiness }
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      lifecycle:
        preStop:
          sleep: { seconds: {{ $values.drainSeconds }} }
      resources:
        {{- toYaml $settings.resources | nindent 8 }}
      securityContext:
        {{- include "dudao.containerSecurity" $root | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        {{- if eq $role "single" }}
        - { name: data, mountPath: /data }
        {{- end }}
        {{- if $evidence }}
        - { name: evidence, mountPath: /evidence }
        {{- end }}
        {{- range $files }}
        - { name: {{ .name }}, mountPath: {{ .at }}, readOnly: true }
        {{- end }}
        {{- with $settings.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: { sizeLimit: 1Gi }
    {{- if $evidence }}
    - name: evidence
      persistentVolumeClaim: { claimName: {{ $values.evidence.existingClaim | quote }} }
    {{- end }}
    {{- range $files }}
    - name: {{ .name }}
      {{- toYaml .source | nindent 6 }}
    {{- end }}
    {{- with $settings.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $settings.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $settings.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if and $values.topologySpread.enabled (ne $role "single") }}
  topologySpreadConstraints:
    {{- range $key, $policy := dict "topology.kubernetes.io/zone" $values.topologySpread.zones "kubernetes.io/hostname" $values.topologySpread.hosts }}
    - topologyKey: {{ $key }}
      maxSkew: 1
      whenUnsatisfiable: {{ $policy }}
      # Of one version alone: a roll would otherwise count those that leave.
      matchLabelKeys: [pod-template-hash]
      labelSelector:
        matchLabels:
          {{- include "dudao.selector" (dict "root" $root "role" $role) | nindent 10 }}
    {{- end }}
  {{- end }}
{{- end -}}

{{- define "dudao.ports" -}}
{{- if ne . "console" }}
- { name: grpc, containerPort: 50051, protocol: TCP }
{{- end }}
{{- if has . (list "console" "single") }}
- { name: http, containerPort: 8080, protocol: TCP }
{{- end }}
- { name: admin, containerPort: 9090, protocol: TCP }
{{- end -}}
