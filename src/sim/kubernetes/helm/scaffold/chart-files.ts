// What `helm create` writes beside the templates: the same fields, values and commented examples as helm's own; the
// remarks are ours. `<CHARTNAME>` stands for the chart's name.

/** Chart.yaml, values.yaml and .helmignore. */
export const CHART_FILES: readonly (readonly [path: string, text: string])[] = [
  [
    'Chart.yaml',
    `apiVersion: v2
name: <CHARTNAME>
description: A Helm chart for Kubernetes

# An application is installed; a library only lends its templates to other charts.
type: application

# The chart's own version: raise it with every change of the chart.
version: 0.1.0

# The version of what the chart installs. Quoted, so that it stays a text.
appVersion: "1.16.0"
`,
  ],
  [
    'values.yaml',
    `# Default values for <CHARTNAME>.
# What stands here is .Values in the templates.

# Pods, unless autoscaling decides.
replicaCount: 1

# What the pods run.
image:
  repository: nginx
  pullPolicy: IfNotPresent
  # Empty: the chart's appVersion.
  tag: ""

# Secrets with the credentials of a registry.
imagePullSecrets: []
# Other names than those made from release and chart.
nameOverride: ""
fullnameOverride: ""

# Who the pods are to the API.
serviceAccount:
  create: true
  # Whether its token is mounted.
  automount: true
  annotations: {}
  # Empty: the full name, or default where none is created.
  name: ""

podAnnotations: {}
podLabels: {}

podSecurityContext: {}
  # fsGroup: 2000

securityContext: {}
  # capabilities:
  #   drop:
  #   - ALL
  # readOnlyRootFilesystem: true
  # runAsNonRoot: true
  # runAsUser: 1000

# The address in front of the pods.
service:
  type: ClusterIP
  port: 80

# From outside, by host and path.
ingress:
  enabled: false
  className: ""
  annotations: {}
    # kubernetes.io/ingress.class: nginx
    # kubernetes.io/tls-acme: "true"
  hosts:
    - host: chart-example.local
      paths:
        - path: /
          pathType: ImplementationSpecific
  tls: []
    # - secretName: chart-example-tls
    #   hosts:
    #     - chart-example.local

# The same by the Gateway API, where a cluster has it.
httpRoute:
  enabled: false
  annotations: {}
  parentRefs:
  - name: gateway
    sectionName: http
    # namespace: default
  hostnames:
  - chart-example.local
  rules:
  - matches:
    - path:
        type: PathPrefix
        value: /headers
  #   filters:
  #   - type: RequestHeaderModifier
  #     requestHeaderModifier:
  #       set:
  #       - name: My-Overwrite-Header
  #         value: this-is-the-only-value
  #       remove:
  #       - User-Agent
  # - matches:
  #   - path:
  #       type: PathPrefix
  #       value: /echo
  #     headers:
  #     - name: version
  #       value: v2

resources: {}
  # None, so that the chart runs on small clusters too. For example:
  # limits:
  #   cpu: 100m
  #   memory: 128Mi
  # requests:
  #   cpu: 100m
  #   memory: 128Mi

# When a pod is restarted, and when it gets traffic.
livenessProbe:
  httpGet:
    path: /
    port: http
readinessProbe:
  httpGet:
    path: /
    port: http

# The number of pods by their load.
autoscaling:
  enabled: false
  minReplicas: 1
  maxReplicas: 100
  targetCPUUtilizationPercentage: 80
  # targetMemoryUtilizationPercentage: 80

# Further volumes and where they are mounted.
volumes: []
  # - name: foo
  #   secret:
  #     secretName: mysecret
  #     optional: false

volumeMounts: []
  # - name: foo
  #   mountPath: "/etc/foo"
  #   readOnly: true

nodeSelector: {}

tolerations: []

affinity: {}
`,
  ],
  [
    '.helmignore',
    `# What a package leaves out: a pattern a line, ! takes one back.
.DS_Store
# Version control
.git/
.gitignore
.bzr/
.bzrignore
.hg/
.hgignore
.svn/
# Copies that editors leave
*.swp
*.bak
*.tmp
*.orig
*~
# Their projects
.project
.idea/
*.tmproj
.vscode/
`,
  ],
];
