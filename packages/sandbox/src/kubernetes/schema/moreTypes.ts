/** The fields of workloads' controllers, volumes, quotas, autoscalers and custom resource definitions, written as in `typeTable`. */
export const moreTypes: Readonly<Record<string, string>> = {
  ApiextensionsV1ServiceReference: 'name! namespace! path port:integer',
  ApiextensionsV1WebhookClientConfig:
    'caBundle:byte service:ApiextensionsV1ServiceReference url',
  AzureFilePersistentVolumeSource:
    'readOnly:boolean secretName! secretNamespace shareName!',
  CSIPersistentVolumeSource:
    'controllerExpandSecretRef:SecretReference controllerPublishSecretRef:SecretReference driver! fsType nodeExpandSecretRef:SecretReference nodePublishSecretRef:SecretReference nodeStageSecretRef:SecretReference readOnly:boolean volumeAttributes:{string} volumeHandle!',
  CephFSPersistentVolumeSource:
    'monitors!:[string] path readOnly:boolean secretFile secretRef:SecretReference user',
  CinderPersistentVolumeSource:
    'fsType readOnly:boolean secretRef:SecretReference volumeID!',
  ContainerResourceMetricSource: 'container! name! target!:MetricTarget',
  ContainerResourceMetricStatus: 'container! current!:MetricValueStatus name!',
  ControllerRevision:
    'apiVersion data:any kind metadata:ObjectMeta revision!:integer',
  CronJob:
    'apiVersion kind metadata:ObjectMeta spec!:CronJobSpec status:CronJobStatus',
  CronJobSpec:
    'concurrencyPolicy failedJobsHistoryLimit:integer jobTemplate!:JobTemplateSpec schedule! startingDeadlineSeconds:integer successfulJobsHistoryLimit:integer suspend:boolean timeZone',
  CronJobStatus:
    'active:[ObjectReference] lastScheduleTime:time lastSuccessfulTime:time',
  CrossVersionObjectReference: 'apiVersion kind! name!',
  CustomResourceColumnDefinition:
    'description format jsonPath! name! priority:integer type!',
  CustomResourceConversion: 'strategy! webhook:WebhookConversion',
  CustomResourceDefinition:
    'apiVersion kind metadata:ObjectMeta spec!:CustomResourceDefinitionSpec status:CustomResourceDefinitionStatus',
  CustomResourceDefinitionCondition:
    'lastTransitionTime:time message observedGeneration:integer reason status! type!',
  CustomResourceDefinitionNames:
    'categories:[string] kind! listKind plural! shortNames:[string] singular',
  CustomResourceDefinitionSpec:
    'conversion:CustomResourceConversion group! names!:CustomResourceDefinitionNames preserveUnknownFields:boolean scope! versions!:[CustomResourceDefinitionVersion]',
  CustomResourceDefinitionStatus:
    'acceptedNames:CustomResourceDefinitionNames conditions:[CustomResourceDefinitionCondition] observedGeneration:integer storedVersions:[string]',
  CustomResourceDefinitionVersion:
    'additionalPrinterColumns:[CustomResourceColumnDefinition] deprecated:boolean deprecationWarning name! schema:CustomResourceValidation selectableFields:[SelectableField] served!:boolean storage!:boolean subresources:CustomResourceSubresources',
  CustomResourceSubresourceScale:
    'labelSelectorPath specReplicasPath! statusReplicasPath!',
  CustomResourceSubresources: 'scale:CustomResourceSubresourceScale status:any',
  CustomResourceValidation: 'openAPIV3Schema:any',
  DaemonSet:
    'apiVersion kind metadata:ObjectMeta spec:DaemonSetSpec status:DaemonSetStatus',
  DaemonSetCondition: 'lastTransitionTime:time message reason status! type!',
  DaemonSetSpec:
    'minReadySeconds:integer revisionHistoryLimit:integer selector!:LabelSelector template!:PodTemplateSpec updateStrategy:DaemonSetUpdateStrategy',
  DaemonSetStatus:
    'collisionCount:integer conditions:[DaemonSetCondition] currentNumberScheduled!:integer desiredNumberScheduled!:integer numberAvailable:integer numberMisscheduled!:integer numberReady!:integer numberUnavailable:integer observedGeneration:integer updatedNumberScheduled:integer',
  DaemonSetUpdateStrategy: 'rollingUpdate:RollingUpdateDaemonSet type',
  Eviction: 'apiVersion deleteOptions:DeleteOptions kind metadata:ObjectMeta',
  ExternalMetricSource: 'metric!:MetricIdentifier target!:MetricTarget',
  ExternalMetricStatus: 'current!:MetricValueStatus metric!:MetricIdentifier',
  FlexPersistentVolumeSource:
    'driver! fsType options:{string} readOnly:boolean secretRef:SecretReference',
  GlusterfsPersistentVolumeSource:
    'endpoints! endpointsNamespace path! readOnly:boolean',
  HPAScalingPolicy: 'periodSeconds!:integer type! value!:integer',
  HPAScalingRules:
    'policies:[HPAScalingPolicy] selectPolicy stabilizationWindowSeconds:integer tolerance',
  HTTPIngressPath: 'backend!:IngressBackend path pathType!',
  HTTPIngressRuleValue: 'paths!:[HTTPIngressPath]',
  HorizontalPodAutoscaler:
    'apiVersion kind metadata:ObjectMeta spec!:HorizontalPodAutoscalerSpec status:HorizontalPodAutoscalerStatus',
  HorizontalPodAutoscalerBehavior:
    'scaleDown:HPAScalingRules scaleUp:HPAScalingRules',
  HorizontalPodAutoscalerCondition:
    'lastTransitionTime:time message reason status! type!',
  HorizontalPodAutoscalerSpec:
    'behavior:HorizontalPodAutoscalerBehavior maxReplicas!:integer metrics:[MetricSpec] minReplicas:integer scaleTargetRef!:CrossVersionObjectReference',
  HorizontalPodAutoscalerStatus:
    'conditions:[HorizontalPodAutoscalerCondition] currentMetrics:[MetricStatus] currentReplicas:integer desiredReplicas!:integer lastScaleTime:time observedGeneration:integer',
  ISCSIPersistentVolumeSource:
    'chapAuthDiscovery:boolean chapAuthSession:boolean fsType initiatorName iqn! iscsiInterface lun!:integer portals:[string] readOnly:boolean secretRef:SecretReference targetPortal!',
  Ingress:
    'apiVersion kind metadata:ObjectMeta spec:IngressSpec status:IngressStatus',
  IngressBackend:
    'resource:TypedLocalObjectReference service:IngressServiceBackend',
  IngressLoadBalancerIngress: 'hostname ip ports:[IngressPortStatus]',
  IngressLoadBalancerStatus: 'ingress:[IngressLoadBalancerIngress]',
  IngressPortStatus: 'error port!:integer protocol!',
  IngressRule: 'host http:HTTPIngressRuleValue',
  IngressServiceBackend: 'name! port:ServiceBackendPort',
  IngressSpec:
    'defaultBackend:IngressBackend ingressClassName rules:[IngressRule] tls:[IngressTLS]',
  IngressStatus: 'loadBalancer:IngressLoadBalancerStatus',
  IngressTLS: 'hosts:[string] secretName',
  JobTemplateSpec: 'metadata:ObjectMeta spec:JobSpec',
  LimitRange: 'apiVersion kind metadata:ObjectMeta spec:LimitRangeSpec',
  LimitRangeItem:
    'default:{quantity} defaultRequest:{quantity} max:{quantity} maxLimitRequestRatio:{quantity} min:{quantity} type!',
  LimitRangeSpec: 'limits!:[LimitRangeItem]',
  LocalVolumeSource: 'fsType path!',
  MetricIdentifier: 'name! selector:LabelSelector',
  MetricSpec:
    'containerResource:ContainerResourceMetricSource external:ExternalMetricSource object:ObjectMetricSource pods:PodsMetricSource resource:ResourceMetricSource type!',
  MetricStatus:
    'containerResource:ContainerResourceMetricStatus external:ExternalMetricStatus object:ObjectMetricStatus pods:PodsMetricStatus resource:ResourceMetricStatus type!',
  MetricTarget:
    'averageUtilization:integer averageValue:quantity type! value:quantity',
  MetricValueStatus:
    'averageUtilization:integer averageValue:quantity value:quantity',
  ModifyVolumeStatus: 'status! targetVolumeAttributesClassName',
  ObjectMetricSource:
    'describedObject!:CrossVersionObjectReference metric!:MetricIdentifier target!:MetricTarget',
  ObjectMetricStatus:
    'current!:MetricValueStatus describedObject!:CrossVersionObjectReference metric!:MetricIdentifier',
  PersistentVolume:
    'apiVersion kind metadata:ObjectMeta spec:PersistentVolumeSpec status:PersistentVolumeStatus',
  PersistentVolumeClaim:
    'apiVersion kind metadata:ObjectMeta spec:PersistentVolumeClaimSpec status:PersistentVolumeClaimStatus',
  PersistentVolumeClaimCondition:
    'lastProbeTime:time lastTransitionTime:time message reason status! type!',
  PersistentVolumeClaimStatus:
    'accessModes:[string] allocatedResourceStatuses:{string} allocatedResources:{quantity} capacity:{quantity} conditions:[PersistentVolumeClaimCondition] currentVolumeAttributesClassName modifyVolumeStatus:ModifyVolumeStatus phase',
  PersistentVolumeSpec:
    'accessModes:[string] awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource azureFile:AzureFilePersistentVolumeSource capacity:{quantity} cephfs:CephFSPersistentVolumeSource cinder:CinderPersistentVolumeSource claimRef:ObjectReference csi:CSIPersistentVolumeSource fc:FCVolumeSource flexVolume:FlexPersistentVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource glusterfs:GlusterfsPersistentVolumeSource hostPath:HostPathVolumeSource iscsi:ISCSIPersistentVolumeSource local:LocalVolumeSource mountOptions:[string] nfs:NFSVolumeSource nodeAffinity:VolumeNodeAffinity persistentVolumeReclaimPolicy photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource quobyte:QuobyteVolumeSource rbd:RBDPersistentVolumeSource scaleIO:ScaleIOPersistentVolumeSource storageClassName storageos:StorageOSPersistentVolumeSource volumeAttributesClassName volumeMode vsphereVolume:VsphereVirtualDiskVolumeSource',
  PersistentVolumeStatus: 'lastPhaseTransitionTime:time message phase reason',
  PodDisruptionBudget:
    'apiVersion kind metadata:ObjectMeta spec:PodDisruptionBudgetSpec status:PodDisruptionBudgetStatus',
  PodDisruptionBudgetSpec:
    'maxUnavailable:intOrString minAvailable:intOrString selector:LabelSelector unhealthyPodEvictionPolicy',
  PodDisruptionBudgetStatus:
    'conditions:[Condition] currentHealthy:integer desiredHealthy:integer disruptedPods:{time} disruptionsAllowed:integer expectedPods:integer observedGeneration:integer',
  PodsMetricSource: 'metric!:MetricIdentifier target!:MetricTarget',
  PodsMetricStatus: 'current!:MetricValueStatus metric!:MetricIdentifier',
  RBDPersistentVolumeSource:
    'fsType image! keyring monitors!:[string] pool readOnly:boolean secretRef:SecretReference user',
  ResourceMetricSource: 'name! target!:MetricTarget',
  ResourceMetricStatus: 'current!:MetricValueStatus name!',
  ResourceQuota:
    'apiVersion kind metadata:ObjectMeta spec:ResourceQuotaSpec status:ResourceQuotaStatus',
  ResourceQuotaSpec:
    'hard:{quantity} scopeSelector:ScopeSelector scopes:[string]',
  ResourceQuotaStatus: 'hard:{quantity} used:{quantity}',
  RollingUpdateDaemonSet: 'maxSurge:intOrString maxUnavailable:intOrString',
  RollingUpdateStatefulSetStrategy:
    'maxUnavailable:intOrString partition:integer',
  ScaleIOPersistentVolumeSource:
    'fsType gateway! protectionDomain readOnly:boolean secretRef!:SecretReference sslEnabled:boolean storageMode storagePool system! volumeName',
  ScopeSelector: 'matchExpressions:[ScopedResourceSelectorRequirement]',
  ScopedResourceSelectorRequirement: 'operator! scopeName! values:[string]',
  SecretReference: 'name namespace',
  SelectableField: 'jsonPath!',
  ServiceBackendPort: 'name number:integer',
  StatefulSet:
    'apiVersion kind metadata:ObjectMeta spec:StatefulSetSpec status:StatefulSetStatus',
  StatefulSetCondition: 'lastTransitionTime:time message reason status! type!',
  StatefulSetOrdinals: 'start:integer',
  StatefulSetPersistentVolumeClaimRetentionPolicy: 'whenDeleted whenScaled',
  StatefulSetSpec:
    'minReadySeconds:integer ordinals:StatefulSetOrdinals persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy replicas:integer revisionHistoryLimit:integer selector!:LabelSelector serviceName template!:PodTemplateSpec updateStrategy:StatefulSetUpdateStrategy volumeClaimTemplates:[PersistentVolumeClaim]',
  StatefulSetStatus:
    'availableReplicas:integer collisionCount:integer conditions:[StatefulSetCondition] currentReplicas:integer currentRevision observedGeneration:integer readyReplicas:integer replicas!:integer updateRevision updatedReplicas:integer',
  StatefulSetUpdateStrategy:
    'rollingUpdate:RollingUpdateStatefulSetStrategy type',
  StorageClass:
    'allowVolumeExpansion:boolean allowedTopologies:[TopologySelectorTerm] apiVersion kind metadata:ObjectMeta mountOptions:[string] parameters:{string} provisioner! reclaimPolicy volumeBindingMode',
  StorageOSPersistentVolumeSource:
    'fsType readOnly:boolean secretRef:ObjectReference volumeName volumeNamespace',
  TopologySelectorLabelRequirement: 'key! values!:[string]',
  TopologySelectorTerm:
    'matchLabelExpressions:[TopologySelectorLabelRequirement]',
  VolumeNodeAffinity: 'required:NodeSelector',
  WebhookConversion:
    'clientConfig:ApiextensionsV1WebhookClientConfig conversionReviewVersions!:[string]',
  HorizontalPodAutoscalerV1:
    'apiVersion kind metadata:ObjectMeta spec:HorizontalPodAutoscalerV1Spec status:HorizontalPodAutoscalerV1Status',
  HorizontalPodAutoscalerV1Spec:
    'maxReplicas!:integer minReplicas:integer scaleTargetRef!:CrossVersionObjectReference targetCPUUtilizationPercentage:integer',
  HorizontalPodAutoscalerV1Status:
    'currentCPUUtilizationPercentage:integer currentReplicas!:integer desiredReplicas!:integer lastScaleTime:time observedGeneration:integer',
  AggregationRule: 'clusterRoleSelectors:[LabelSelector]',
  ClusterRole:
    'aggregationRule:AggregationRule apiVersion kind metadata:ObjectMeta rules:[PolicyRule]',
  ClusterRoleBinding:
    'apiVersion kind metadata:ObjectMeta roleRef!:RoleRef subjects:[Subject]',
  PolicyRule:
    'apiGroups:[string] nonResourceURLs:[string] resourceNames:[string] resources:[string] verbs!:[string]',
  Role: 'apiVersion kind metadata:ObjectMeta rules:[PolicyRule]',
  RoleBinding:
    'apiVersion kind metadata:ObjectMeta roleRef!:RoleRef subjects:[Subject]',
  RoleRef: 'apiGroup! kind! name!',
  Subject: 'apiGroup kind! name! namespace',
};
