// The manifest of metrics-server 0.4.2 (components.yaml), object by object.

const LABELS = `  labels:
    k8s-app: metrics-server
`;

function role(name: string, labels: string, rules: string): string {
  return `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n${labels}  name: ${name}\nrules:\n${rules}`;
}

function binding(kind: 'RoleBinding' | 'ClusterRoleBinding', name: string, to: string): string {
  const namespaced = kind === 'RoleBinding';
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}
metadata:
${LABELS}  name: ${name}
${namespaced ? '  namespace: kube-system\n' : ''}roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ${namespaced ? 'Role' : 'ClusterRole'}
  name: ${to}
subjects:
- kind: ServiceAccount
  name: metrics-server
  namespace: kube-system
`;
}

const AGGREGATED = `${LABELS}    rbac.authorization.k8s.io/aggregate-to-admin: "true"
    rbac.authorization.k8s.io/aggregate-to-edit: "true"
    rbac.authorization.k8s.io/aggregate-to-view: "true"
`;

function rule(group: string, resources: readonly string[]): string {
  const list = resources.map((resource) => `  - ${resource}\n`).join('');
  return `- apiGroups:\n  - ${group}\n  resources:\n${list}  verbs:\n  - get\n  - list\n  - watch\n`;
}

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
${LABELS}  name: metrics-server
  namespace: kube-system
spec:
  selector:
    matchLabels:
      k8s-app: metrics-server
  strategy:
    rollingUpdate:
      maxUnavailable: 0
  template:
    metadata:
      labels:
        k8s-app: metrics-server
    spec:
      containers:
      - args:
        - --cert-dir=/tmp
        - --secure-port=4443
        - --kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname
        - --kubelet-use-node-status-port
        image: k8s.gcr.io/metrics-server/metrics-server:v0.4.2
        imagePullPolicy: IfNotPresent
        livenessProbe:
          failureThreshold: 3
          httpGet:
            path: /livez
            port: https
            scheme: HTTPS
          periodSeconds: 10
        name: metrics-server
        ports:
        - containerPort: 4443
          name: https
          protocol: TCP
        readinessProbe:
          failureThreshold: 3
          httpGet:
            path: /readyz
            port: https
            scheme: HTTPS
          periodSeconds: 10
        securityContext:
          readOnlyRootFilesystem: true
          runAsNonRoot: true
          runAsUser: 1000
        volumeMounts:
        - mountPath: /tmp
          name: tmp-dir
      nodeSelector:
        kubernetes.io/os: linux
      priorityClassName: system-cluster-critical
      serviceAccountName: metrics-server
      volumes:
      - emptyDir: {}
        name: tmp-dir
`;

const SERVICE = `apiVersion: v1
kind: Service
metadata:
${LABELS}  name: metrics-server
  namespace: kube-system
spec:
  ports:
  - name: https
    port: 443
    protocol: TCP
    targetPort: https
  selector:
    k8s-app: metrics-server
`;

const API_SERVICE = `apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata:
${LABELS}  name: v1beta1.metrics.k8s.io
spec:
  group: metrics.k8s.io
  groupPriorityMinimum: 100
  insecureSkipTLSVerify: true
  service:
    name: metrics-server
    namespace: kube-system
  version: v1beta1
  versionPriority: 100
`;

/** components.yaml. */
export const METRICS_SERVER_COMPONENTS = [
  `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n${LABELS}  name: metrics-server\n  namespace: kube-system\n`,
  role('system:aggregated-metrics-reader', AGGREGATED, rule('metrics.k8s.io', ['pods', 'nodes'])),
  role(
    'system:metrics-server',
    LABELS,
    rule('""', ['pods', 'nodes', 'nodes/stats', 'namespaces', 'configmaps']),
  ),
  binding('RoleBinding', 'metrics-server-auth-reader', 'extension-apiserver-authentication-reader'),
  binding('ClusterRoleBinding', 'metrics-server:system:auth-delegator', 'system:auth-delegator'),
  binding('ClusterRoleBinding', 'system:metrics-server', 'system:metrics-server'),
  SERVICE,
  DEPLOYMENT,
  API_SERVICE,
].join('---\n');
