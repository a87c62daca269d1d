// The manifest of Kubernetes Dashboard 2.2.0 (aio/deploy/recommended.yaml), object by object.

const NAMESPACE = 'kubernetes-dashboard';
const LABELS = `  labels:
    k8s-app: kubernetes-dashboard
`;

function head(version: string, kind: string, name: string, namespaced = true): string {
  const namespace = namespaced ? `  namespace: ${NAMESPACE}\n` : '';
  return `kind: ${kind}\napiVersion: ${version}\nmetadata:\n${LABELS}  name: ${name}\n${namespace}`;
}

function service(name: string, app: string, port: number, target: number): string {
  return `kind: Service
apiVersion: v1
metadata:
  labels:
    k8s-app: ${app}
  name: ${name}
  namespace: ${NAMESPACE}
spec:
  ports:
    - port: ${port}
      targetPort: ${target}
  selector:
    k8s-app: ${app}
`;
}

const ROLE = `${head('rbac.authorization.k8s.io/v1', 'Role', NAMESPACE)}rules:
  - apiGroups: [""]
    resources: ["secrets"]
    resourceNames: ["kubernetes-dashboard-key-holder", "kubernetes-dashboard-certs", "kubernetes-dashboard-csrf"]
    verbs: ["get", "update", "delete"]
  - apiGroups: [""]
    resources: ["configmaps"]
    resourceNames: ["kubernetes-dashboard-settings"]
    verbs: ["get", "update"]
  - apiGroups: [""]
    resources: ["services"]
    resourceNames: ["heapster", "dashboard-metrics-scraper"]
    verbs: ["proxy"]
  - apiGroups: [""]
    resources: ["services/proxy"]
    resourceNames: ["heapster", "http:heapster:", "https:heapster:", "dashboard-metrics-scraper", "http:dashboard-metrics-scraper"]
    verbs: ["get"]
`;

const CLUSTER_ROLE = `${head('rbac.authorization.k8s.io/v1', 'ClusterRole', NAMESPACE, false)}rules:
  - apiGroups: ["metrics.k8s.io"]
    resources: ["pods", "nodes"]
    verbs: ["get", "list", "watch"]
`;

function binding(kind: 'RoleBinding' | 'ClusterRoleBinding'): string {
  const namespaced = kind === 'RoleBinding';
  const opening = namespaced
    ? head('rbac.authorization.k8s.io/v1', kind, NAMESPACE)
    : `kind: ${kind}\napiVersion: rbac.authorization.k8s.io/v1\nmetadata:\n  name: ${NAMESPACE}\n`;
  return `${opening}roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ${kind.replace('Binding', '')}
  name: ${NAMESPACE}
subjects:
  - kind: ServiceAccount
    name: ${NAMESPACE}
    namespace: ${NAMESPACE}
`;
}

const DEPLOYMENT = `${head('apps/v1', 'Deployment', NAMESPACE)}spec:
  replicas: 1
  revisionHistoryLimit: 10
  selector:
    matchLabels:
      k8s-app: kubernetes-dashboard
  template:
    metadata:
      labels:
        k8s-app: kubernetes-dashboard
    spec:
      containers:
        - name: kubernetes-dashboard
          image: kubernetesui/dashboard:v2.2.0
          imagePullPolicy: Always
          ports:
            - containerPort: 8443
              protocol: TCP
          args:
            - --auto-generate-certificates
            - --namespace=kubernetes-dashboard
          volumeMounts:
            - name: kubernetes-dashboard-certs
              mountPath: /certs
            - mountPath: /tmp
              name: tmp-volume
          livenessProbe:
            httpGet:
              scheme: HTTPS
              path: /
              port: 8443
            initialDelaySeconds: 30
            timeoutSeconds: 30
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            runAsUser: 1001
            runAsGroup: 2001
      volumes:
        - name: kubernetes-dashboard-certs
          secret:
            secretName: kubernetes-dashboard-certs
        - name: tmp-volume
          emptyDir: {}
      serviceAccountName: kubernetes-dashboard
      nodeSelector:
        "kubernetes.io/os": linux
      tolerations:
        - key: node-role.kubernetes.io/master
          effect: NoSchedule
`;

const SCRAPER = `kind: Deployment
apiVersion: apps/v1
metadata:
  labels:
    k8s-app: dashboard-metrics-scraper
  name: dashboard-metrics-scraper
  namespace: ${NAMESPACE}
spec:
  replicas: 1
  revisionHistoryLimit: 10
  selector:
    matchLabels:
      k8s-app: dashboard-metrics-scraper
  template:
    metadata:
      labels:
        k8s-app: dashboard-metrics-scraper
      annotations:
        seccomp.security.alpha.kubernetes.io/pod: 'runtime/default'
    spec:
      containers:
        - name: dashboard-metrics-scraper
          image: kubernetesui/metrics-scraper:v1.0.6
          ports:
            - containerPort: 8000
              protocol: TCP
          livenessProbe:
            httpGet:
              scheme: HTTP
              path: /
              port: 8000
            initialDelaySeconds: 30
            timeoutSeconds: 30
          volumeMounts:
          - mountPath: /tmp
            name: tmp-volume
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            runAsUser: 1001
            runAsGroup: 2001
      serviceAccountName: kubernetes-dashboard
      nodeSelector:
        "kubernetes.io/os": linux
      tolerations:
        - key: node-role.kubernetes.io/master
          effect: NoSchedule
      volumes:
        - name: tmp-volume
          emptyDir: {}
`;

/** recommended.yaml. */
export const DASHBOARD = [
  `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${NAMESPACE}\n`,
  head('v1', 'ServiceAccount', NAMESPACE),
  service(NAMESPACE, NAMESPACE, 443, 8443),
  `${head('v1', 'Secret', 'kubernetes-dashboard-certs')}type: Opaque\n`,
  `${head('v1', 'Secret', 'kubernetes-dashboard-csrf')}type: Opaque\ndata:\n  csrf: ""\n`,
  `${head('v1', 'Secret', 'kubernetes-dashboard-key-holder')}type: Opaque\n`,
  head('v1', 'ConfigMap', 'kubernetes-dashboard-settings'),
  ROLE,
  CLUSTER_ROLE,
  binding('RoleBinding'),
  binding('ClusterRoleBinding'),
  DEPLOYMENT,
  service('dashboard-metrics-scraper', 'dashboard-metrics-scraper', 8000, 8000),
  SCRAPER,
].join('---\n');
