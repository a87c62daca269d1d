// The objects of the addon registry: a registry in the cluster, and a proxy to it on port 5000 of every node. Kept as the YAML that is applied.

export const REGISTRY = `apiVersion: apps/v1
kind: Deployment
metadata:
  labels: {kubernetes.io/minikube-addons: registry, addonmanager.kubernetes.io/mode: Reconcile}
  name: registry
  namespace: kube-system
spec:
  replicas: 1
  selector:
    matchLabels:
      kubernetes.io/minikube-addons: registry
      addonmanager.kubernetes.io/mode: Reconcile
  template:
    metadata:
      labels:
        actual-registry: 'true'
        kubernetes.io/minikube-addons: registry
        addonmanager.kubernetes.io/mode: Reconcile
    spec:
      containers:
        - image: docker.io/registry:3.0.0
          imagePullPolicy: IfNotPresent
          name: registry
          ports: [{containerPort: 5000, protocol: TCP}]
          env: [{name: REGISTRY_STORAGE_DELETE_ENABLED, value: 'true'}]
---
apiVersion: v1
kind: Service
metadata:
  labels: {kubernetes.io/minikube-addons: registry, addonmanager.kubernetes.io/mode: Reconcile}
  name: registry
  namespace: kube-system
spec:
  type: ClusterIP
  ports: [{port: 80, name: http, targetPort: 5000}, {port: 443, name: https, targetPort: 443}]
  selector: {actual-registry: 'true', kubernetes.io/minikube-addons: registry}
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  labels: {kubernetes.io/minikube-addons: registry, addonmanager.kubernetes.io/mode: Reconcile}
  name: registry-proxy
  namespace: kube-system
spec:
  selector: {matchLabels: {registry-proxy: 'true', kubernetes.io/minikube-addons: registry}}
  template:
    metadata:
      labels:
        registry-proxy: 'true'
        kubernetes.io/minikube-addons: registry
        addonmanager.kubernetes.io/mode: Reconcile
    spec:
      containers:
        - image: gcr.io/k8s-minikube/kube-registry-proxy:0.0.9
          imagePullPolicy: IfNotPresent
          name: registry-proxy
          ports: [{name: registry, containerPort: 80, hostPort: 5000}]
          env:
            - {name: REGISTRY_HOST, value: registry.kube-system.svc.cluster.local}
            - {name: REGISTRY_PORT, value: '80'}
`;
