import { moreTypes } from './moreTypes';

/**
 * The fields of the types that the sandbox's API server knows, as Kubernetes publishes them. One line a type, one word a field: `name` is a string,
 * `name:integer` another scalar, `name:PodSpec` a type of this table, `[X]` a list and `{X}` a map of them; `!` marks what must be given.
 * A test compares the table with the models of @kubernetes/client-node.
 */
export const typeTable: Readonly<Record<string, string>> = {
  ...moreTypes,
  AWSElasticBlockStoreVolumeSource:
    'fsType partition:integer readOnly:boolean volumeID!',
  Affinity:
    'nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity',
  AppArmorProfile: 'localhostProfile type!',
  AttachedVolume: 'devicePath! name!',
  AzureDiskVolumeSource:
    'cachingMode diskName! diskURI! fsType kind readOnly:boolean',
  AzureFileVolumeSource: 'readOnly:boolean secretName! shareName!',
  CSIVolumeSource:
    'driver! fsType nodePublishSecretRef:LocalObjectReference readOnly:boolean volumeAttributes:{string}',
  Capabilities: 'add:[string] drop:[string]',
  CephFSVolumeSource:
    'monitors!:[string] path readOnly:boolean secretFile secretRef:LocalObjectReference user',
  CinderVolumeSource:
    'fsType readOnly:boolean secretRef:LocalObjectReference volumeID!',
  ClientIPConfig: 'timeoutSeconds:integer',
  ClusterTrustBundleProjection:
    'labelSelector:LabelSelector name optional:boolean path! signerName',
  Condition:
    'lastTransitionTime!:time message! observedGeneration:integer reason! status! type!',
  ConfigMap:
    'apiVersion binaryData:{byte} data:{string} immutable:boolean kind metadata:ObjectMeta',
  ConfigMapEnvSource: 'name optional:boolean',
  ConfigMapKeySelector: 'key! name optional:boolean',
  ConfigMapNodeConfigSource:
    'kubeletConfigKey! name! namespace! resourceVersion uid',
  ConfigMapProjection: 'items:[KeyToPath] name optional:boolean',
  ConfigMapVolumeSource:
    'defaultMode:integer items:[KeyToPath] name optional:boolean',
  Container:
    'args:[string] command:[string] env:[EnvVar] envFrom:[EnvFromSource] image imagePullPolicy lifecycle:Lifecycle livenessProbe:Probe name! ports:[ContainerPort] readinessProbe:Probe resizePolicy:[ContainerResizePolicy] resources:ResourceRequirements restartPolicy restartPolicyRules:[ContainerRestartRule] securityContext:SecurityContext startupProbe:Probe stdin:boolean stdinOnce:boolean terminationMessagePath terminationMessagePolicy tty:boolean volumeDevices:[VolumeDevice] volumeMounts:[VolumeMount] workingDir',
  ContainerExtendedResourceRequest: 'containerName! requestName! resourceName!',
  ContainerImage: 'names:[string] sizeBytes:integer',
  ContainerPort: 'containerPort!:integer hostIP hostPort:integer name protocol',
  ContainerResizePolicy: 'resourceName! restartPolicy!',
  ContainerRestartRule: 'action! exitCodes:ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'operator! values:[integer]',
  ContainerState:
    'running:ContainerStateRunning terminated:ContainerStateTerminated waiting:ContainerStateWaiting',
  ContainerStateRunning: 'startedAt:time',
  ContainerStateTerminated:
    'containerID exitCode!:integer finishedAt:time message reason signal:integer startedAt:time',
  ContainerStateWaiting: 'message reason',
  ContainerStatus:
    'allocatedResources:{string} allocatedResourcesStatus:[ResourceStatus] containerID image! imageID! lastState:ContainerState name! ready!:boolean resources:ResourceRequirements restartCount!:integer started:boolean state:ContainerState stopSignal user:ContainerUser volumeMounts:[VolumeMountStatus]',
  ContainerUser: 'linux:LinuxContainerUser',
  DaemonEndpoint: 'Port!:integer',
  DeleteOptions:
    'apiVersion dryRun:[string] gracePeriodSeconds:integer ignoreStoreReadErrorWithClusterBreakingPotential:boolean kind orphanDependents:boolean preconditions:Preconditions propagationPolicy',
  Deployment:
    'apiVersion kind metadata:ObjectMeta spec:DeploymentSpec status:DeploymentStatus',
  DeploymentCondition:
    'lastTransitionTime:time lastUpdateTime:time message reason status! type!',
  DeploymentSpec:
    'minReadySeconds:integer paused:boolean progressDeadlineSeconds:integer replicas:integer revisionHistoryLimit:integer selector!:LabelSelector strategy:DeploymentStrategy template!:PodTemplateSpec',
  DeploymentStatus:
    'availableReplicas:integer collisionCount:integer conditions:[DeploymentCondition] observedGeneration:integer readyReplicas:integer replicas:integer terminatingReplicas:integer unavailableReplicas:integer updatedReplicas:integer',
  DeploymentStrategy: 'rollingUpdate:RollingUpdateDeployment type',
  DownwardAPIProjection: 'items:[DownwardAPIVolumeFile]',
  DownwardAPIVolumeFile:
    'fieldRef:ObjectFieldSelector mode:integer path! resourceFieldRef:ResourceFieldSelector',
  DownwardAPIVolumeSource: 'defaultMode:integer items:[DownwardAPIVolumeFile]',
  EmptyDirVolumeSource: 'medium sizeLimit',
  EnvFromSource:
    'configMapRef:ConfigMapEnvSource prefix secretRef:SecretEnvSource',
  EnvVar: 'name! value valueFrom:EnvVarSource',
  EnvVarSource:
    'configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector',
  EphemeralContainer:
    'args:[string] command:[string] env:[EnvVar] envFrom:[EnvFromSource] image imagePullPolicy lifecycle:Lifecycle livenessProbe:Probe name! ports:[ContainerPort] readinessProbe:Probe resizePolicy:[ContainerResizePolicy] resources:ResourceRequirements restartPolicy restartPolicyRules:[ContainerRestartRule] securityContext:SecurityContext startupProbe:Probe stdin:boolean stdinOnce:boolean targetContainerName terminationMessagePath terminationMessagePolicy tty:boolean volumeDevices:[VolumeDevice] volumeMounts:[VolumeMount] workingDir',
  EphemeralVolumeSource: 'volumeClaimTemplate:PersistentVolumeClaimTemplate',
  Event:
    'action apiVersion count:integer eventTime:time firstTimestamp:time involvedObject!:ObjectReference kind lastTimestamp:time message metadata!:ObjectMeta reason related:ObjectReference reportingComponent reportingInstance series:EventSeries source:EventSource type',
  EventSeries: 'count:integer lastObservedTime:time',
  EventSource: 'component host',
  EventV1:
    'action apiVersion deprecatedCount:integer deprecatedFirstTimestamp:time deprecatedLastTimestamp:time deprecatedSource:EventSource eventTime!:time kind metadata:ObjectMeta note reason regarding:ObjectReference related:ObjectReference reportingController reportingInstance series:EventV1Series type',
  EventV1Series: 'count!:integer lastObservedTime!:time',
  ExecAction: 'command:[string]',
  FCVolumeSource:
    'fsType lun:integer readOnly:boolean targetWWNs:[string] wwids:[string]',
  FieldSelectorAttributes:
    'rawSelector requirements:[FieldSelectorRequirement]',
  FieldSelectorRequirement: 'key! operator! values:[string]',
  FileKeySelector: 'key! optional:boolean path! volumeName!',
  FlexVolumeSource:
    'driver! fsType options:{string} readOnly:boolean secretRef:LocalObjectReference',
  FlockerVolumeSource: 'datasetName datasetUUID',
  GCEPersistentDiskVolumeSource:
    'fsType partition:integer pdName! readOnly:boolean',
  GRPCAction: 'port!:integer service',
  GitRepoVolumeSource: 'directory repository! revision',
  GlusterfsVolumeSource: 'endpoints! path! readOnly:boolean',
  HTTPGetAction: 'host httpHeaders:[HTTPHeader] path port!:intOrString scheme',
  HTTPHeader: 'name! value!',
  HostAlias: 'hostnames:[string] ip!',
  HostIP: 'ip!',
  HostPathVolumeSource: 'path! type',
  ISCSIVolumeSource:
    'chapAuthDiscovery:boolean chapAuthSession:boolean fsType initiatorName iqn! iscsiInterface lun!:integer portals:[string] readOnly:boolean secretRef:LocalObjectReference targetPortal!',
  ImageVolumeSource: 'pullPolicy reference',
  ImageVolumeStatus: 'imageRef!',
  Job: 'apiVersion kind metadata:ObjectMeta spec:JobSpec status:JobStatus',
  JobCondition:
    'lastProbeTime:time lastTransitionTime:time message reason status! type!',
  JobSpec:
    'activeDeadlineSeconds:integer backoffLimit:integer backoffLimitPerIndex:integer completionMode completions:integer managedBy manualSelector:boolean maxFailedIndexes:integer parallelism:integer podFailurePolicy:PodFailurePolicy podReplacementPolicy selector:LabelSelector successPolicy:SuccessPolicy suspend:boolean template!:PodTemplateSpec ttlSecondsAfterFinished:integer',
  JobStatus:
    'active:integer completedIndexes completionTime:time conditions:[JobCondition] failed:integer failedIndexes ready:integer startTime:time succeeded:integer terminating:integer uncountedTerminatedPods:UncountedTerminatedPods',
  KeyToPath: 'key! mode:integer path!',
  LabelSelector:
    'matchExpressions:[LabelSelectorRequirement] matchLabels:{string}',
  LabelSelectorAttributes:
    'rawSelector requirements:[LabelSelectorRequirement]',
  LabelSelectorRequirement: 'key! operator! values:[string]',
  Lifecycle: 'postStart:LifecycleHandler preStop:LifecycleHandler stopSignal',
  LifecycleHandler:
    'exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction',
  LinuxContainerUser: 'gid!:integer supplementalGroups:[integer] uid!:integer',
  LoadBalancerIngress: 'hostname ip ipMode ports:[PortStatus]',
  LoadBalancerStatus: 'ingress:[LoadBalancerIngress]',
  LocalObjectReference: 'name',
  ManagedFieldsEntry:
    'apiVersion fieldsType fieldsV1:any manager operation subresource time:time',
  NFSVolumeSource: 'path! readOnly:boolean server!',
  Namespace:
    'apiVersion kind metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus',
  NamespaceCondition: 'lastTransitionTime:time message reason status! type!',
  NamespaceSpec: 'finalizers:[string]',
  NamespaceStatus: 'conditions:[NamespaceCondition] phase',
  Node: 'apiVersion kind metadata:ObjectMeta spec:NodeSpec status:NodeStatus',
  NodeAddress: 'address! type!',
  NodeAffinity:
    'preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm] requiredDuringSchedulingIgnoredDuringExecution:NodeSelector',
  NodeAllocatableResourceClaimStatus:
    'containers:[string] resourceClaimName! resources!:{string}',
  NodeCondition:
    'lastHeartbeatTime:time lastTransitionTime:time message reason status! type!',
  NodeConfigSource: 'configMap:ConfigMapNodeConfigSource',
  NodeConfigStatus:
    'active:NodeConfigSource assigned:NodeConfigSource error lastKnownGood:NodeConfigSource',
  NodeDaemonEndpoints: 'kubeletEndpoint:DaemonEndpoint',
  NodeFeatures: 'supplementalGroupsPolicy:boolean',
  NodeRuntimeHandler: 'features:NodeRuntimeHandlerFeatures name',
  NodeRuntimeHandlerFeatures:
    'recursiveReadOnlyMounts:boolean userNamespaces:boolean',
  NodeSelector: 'nodeSelectorTerms!:[NodeSelectorTerm]',
  NodeSelectorRequirement: 'key! operator! values:[string]',
  NodeSelectorTerm:
    'matchExpressions:[NodeSelectorRequirement] matchFields:[NodeSelectorRequirement]',
  NodeSpec:
    'configSource:NodeConfigSource externalID podCIDR podCIDRs:[string] providerID taints:[Taint] unschedulable:boolean',
  NodeStatus:
    'addresses:[NodeAddress] allocatable:{string} capacity:{string} conditions:[NodeCondition] config:NodeConfigStatus daemonEndpoints:NodeDaemonEndpoints declaredFeatures:[string] features:NodeFeatures images:[ContainerImage] nodeInfo:NodeSystemInfo phase runtimeHandlers:[NodeRuntimeHandler] volumesAttached:[AttachedVolume] volumesInUse:[string]',
  NodeSwapStatus: 'capacity:integer',
  NodeSystemInfo:
    'architecture! bootID! containerRuntimeVersion! kernelVersion! kubeProxyVersion! kubeletVersion! machineID! operatingSystem! osImage! swap:NodeSwapStatus systemUUID!',
  NonResourceAttributes: 'path verb',
  ObjectFieldSelector: 'apiVersion fieldPath!',
  ObjectMeta:
    'annotations:{string} creationTimestamp:time deletionGracePeriodSeconds:integer deletionTimestamp:time finalizers:[string] generateName generation:integer labels:{string} managedFields:[ManagedFieldsEntry] name namespace ownerReferences:[OwnerReference] resourceVersion selfLink uid',
  ObjectReference:
    'apiVersion fieldPath kind name namespace resourceVersion uid',
  OwnerReference:
    'apiVersion! blockOwnerDeletion:boolean controller:boolean kind! name! uid!',
  PersistentVolumeClaimSpec:
    'accessModes:[string] dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements selector:LabelSelector storageClassName volumeAttributesClassName volumeMode volumeName',
  PersistentVolumeClaimTemplate:
    'metadata:ObjectMeta spec!:PersistentVolumeClaimSpec',
  PersistentVolumeClaimVolumeSource: 'claimName! readOnly:boolean',
  PhotonPersistentDiskVolumeSource: 'fsType pdID!',
  Pod: 'apiVersion kind metadata:ObjectMeta spec:PodSpec status:PodStatus',
  PodAffinity:
    'preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm] requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]',
  PodAffinityTerm:
    'labelSelector:LabelSelector matchLabelKeys:[string] mismatchLabelKeys:[string] namespaceSelector:LabelSelector namespaces:[string] topologyKey!',
  PodAntiAffinity:
    'preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm] requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]',
  PodCertificateProjection:
    'certificateChainPath credentialBundlePath keyPath keyType! maxExpirationSeconds:integer signerName! userAnnotations:{string}',
  PodCondition:
    'lastProbeTime:time lastTransitionTime:time message observedGeneration:integer reason status! type!',
  PodDNSConfig:
    'nameservers:[string] options:[PodDNSConfigOption] searches:[string]',
  PodDNSConfigOption: 'name value',
  PodExtendedResourceClaimStatus:
    'requestMappings!:[ContainerExtendedResourceRequest] resourceClaimName!',
  PodFailurePolicy: 'rules!:[PodFailurePolicyRule]',
  PodFailurePolicyOnExitCodesRequirement:
    'containerName operator! values!:[integer]',
  PodFailurePolicyOnPodConditionsPattern: 'status type!',
  PodFailurePolicyRule:
    'action! onExitCodes:PodFailurePolicyOnExitCodesRequirement onPodConditions:[PodFailurePolicyOnPodConditionsPattern]',
  PodIP: 'ip!',
  PodOS: 'name!',
  PodReadinessGate: 'conditionType!',
  PodResourceClaim: 'name! resourceClaimName resourceClaimTemplateName',
  PodResourceClaimStatus: 'name! resourceClaimName',
  PodSchedulingGate: 'name!',
  PodSchedulingGroup: 'podGroupName',
  PodSecurityContext:
    'appArmorProfile:AppArmorProfile fsGroup:integer fsGroupChangePolicy runAsGroup:integer runAsNonRoot:boolean runAsUser:integer seLinuxChangePolicy seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile supplementalGroups:[integer] supplementalGroupsPolicy sysctls:[Sysctl] windowsOptions:WindowsSecurityContextOptions',
  PodSpec:
    'activeDeadlineSeconds:integer affinity:Affinity automountServiceAccountToken:boolean containers!:[Container] dnsConfig:PodDNSConfig dnsPolicy enableServiceLinks:boolean ephemeralContainers:[EphemeralContainer] hostAliases:[HostAlias] hostIPC:boolean hostNetwork:boolean hostPID:boolean hostUsers:boolean hostname hostnameOverride imagePullSecrets:[LocalObjectReference] initContainers:[Container] nodeName nodeSelector:{string} os:PodOS overhead:{string} preemptionPolicy priority:integer priorityClassName readinessGates:[PodReadinessGate] resourceClaims:[PodResourceClaim] resources:ResourceRequirements restartPolicy runtimeClassName schedulerName schedulingGates:[PodSchedulingGate] schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext serviceAccount serviceAccountName setHostnameAsFQDN:boolean shareProcessNamespace:boolean subdomain terminationGracePeriodSeconds:integer tolerations:[Toleration] topologySpreadConstraints:[TopologySpreadConstraint] volumes:[Volume]',
  PodStatus:
    'allocatedResources:{string} conditions:[PodCondition] containerStatuses:[ContainerStatus] ephemeralContainerStatuses:[ContainerStatus] extendedResourceClaimStatus:PodExtendedResourceClaimStatus hostIP hostIPs:[HostIP] initContainerStatuses:[ContainerStatus] message nodeAllocatableResourceClaimStatuses:[NodeAllocatableResourceClaimStatus] nominatedNodeName observedGeneration:integer phase podIP podIPs:[PodIP] qosClass reason resize resourceClaimStatuses:[PodResourceClaimStatus] resources:ResourceRequirements startTime:time',
  PodTemplateSpec: 'metadata:ObjectMeta spec:PodSpec',
  PortStatus: 'error port!:integer protocol!',
  PortworxVolumeSource: 'fsType readOnly:boolean volumeID!',
  Preconditions: 'resourceVersion uid',
  PreferredSchedulingTerm: 'preference!:NodeSelectorTerm weight!:integer',
  Probe:
    'exec:ExecAction failureThreshold:integer grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:integer periodSeconds:integer successThreshold:integer tcpSocket:TCPSocketAction terminationGracePeriodSeconds:integer timeoutSeconds:integer',
  ProjectedVolumeSource: 'defaultMode:integer sources:[VolumeProjection]',
  QuobyteVolumeSource: 'group readOnly:boolean registry! tenant user volume!',
  RBDVolumeSource:
    'fsType image! keyring monitors!:[string] pool readOnly:boolean secretRef:LocalObjectReference user',
  ReplicaSet:
    'apiVersion kind metadata:ObjectMeta spec:ReplicaSetSpec status:ReplicaSetStatus',
  ReplicaSetCondition: 'lastTransitionTime:time message reason status! type!',
  ReplicaSetSpec:
    'minReadySeconds:integer replicas:integer selector!:LabelSelector template:PodTemplateSpec',
  ReplicaSetStatus:
    'availableReplicas:integer conditions:[ReplicaSetCondition] fullyLabeledReplicas:integer observedGeneration:integer readyReplicas:integer replicas!:integer terminatingReplicas:integer',
  ResourceAttributes:
    'fieldSelector:FieldSelectorAttributes group labelSelector:LabelSelectorAttributes name namespace resource subresource verb version',
  ResourceClaim: 'name! request',
  ResourceFieldSelector: 'containerName divisor resource!',
  ResourceHealth: 'health message resourceID!',
  ResourceRequirements:
    'claims:[ResourceClaim] limits:{string} requests:{string}',
  ResourceStatus: 'name! resources:[ResourceHealth]',
  RollingUpdateDeployment: 'maxSurge:intOrString maxUnavailable:intOrString',
  SELinuxOptions: 'level role type user',
  Scale:
    'apiVersion kind metadata:ObjectMeta spec:ScaleSpec status:ScaleStatus',
  ScaleIOVolumeSource:
    'fsType gateway! protectionDomain readOnly:boolean secretRef!:LocalObjectReference sslEnabled:boolean storageMode storagePool system! volumeName',
  ScaleSpec: 'replicas:integer',
  ScaleStatus: 'replicas!:integer selector',
  SeccompProfile: 'localhostProfile type!',
  Secret:
    'apiVersion data:{byte} immutable:boolean kind metadata:ObjectMeta stringData:{string} type',
  SecretEnvSource: 'name optional:boolean',
  SecretKeySelector: 'key! name optional:boolean',
  SecretProjection: 'items:[KeyToPath] name optional:boolean',
  SecretVolumeSource:
    'defaultMode:integer items:[KeyToPath] optional:boolean secretName',
  SecurityContext:
    'allowPrivilegeEscalation:boolean appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:boolean procMount readOnlyRootFilesystem:boolean runAsGroup:integer runAsNonRoot:boolean runAsUser:integer seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions',
  SelfSubjectAccessReview:
    'apiVersion kind metadata:ObjectMeta spec!:SelfSubjectAccessReviewSpec status:SubjectAccessReviewStatus',
  SelfSubjectAccessReviewSpec:
    'nonResourceAttributes:NonResourceAttributes resourceAttributes:ResourceAttributes',
  Service:
    'apiVersion kind metadata:ObjectMeta spec:ServiceSpec status:ServiceStatus',
  ServiceAccount:
    'apiVersion automountServiceAccountToken:boolean imagePullSecrets:[LocalObjectReference] kind metadata:ObjectMeta secrets:[ObjectReference]',
  ServiceAccountTokenProjection: 'audience expirationSeconds:integer path!',
  ServicePort:
    'appProtocol name nodePort:integer port!:integer protocol targetPort:intOrString',
  ServiceSpec:
    'allocateLoadBalancerNodePorts:boolean clusterIP clusterIPs:[string] externalIPs:[string] externalName externalTrafficPolicy healthCheckNodePort:integer internalTrafficPolicy ipFamilies:[string] ipFamilyPolicy loadBalancerClass loadBalancerIP loadBalancerSourceRanges:[string] ports:[ServicePort] publishNotReadyAddresses:boolean selector:{string} sessionAffinity sessionAffinityConfig:SessionAffinityConfig trafficDistribution type',
  ServiceStatus: 'conditions:[Condition] loadBalancer:LoadBalancerStatus',
  SessionAffinityConfig: 'clientIP:ClientIPConfig',
  SleepAction: 'seconds!:integer',
  StorageOSVolumeSource:
    'fsType readOnly:boolean secretRef:LocalObjectReference volumeName volumeNamespace',
  SubjectAccessReviewStatus:
    'allowed!:boolean denied:boolean evaluationError reason',
  SuccessPolicy: 'rules!:[SuccessPolicyRule]',
  SuccessPolicyRule: 'succeededCount:integer succeededIndexes',
  Sysctl: 'name! value!',
  TCPSocketAction: 'host port!:intOrString',
  Taint: 'effect! key! timeAdded:time value',
  Toleration: 'effect key operator tolerationSeconds:integer value',
  TopologySpreadConstraint:
    'labelSelector:LabelSelector matchLabelKeys:[string] maxSkew!:integer minDomains:integer nodeAffinityPolicy nodeTaintsPolicy topologyKey! whenUnsatisfiable!',
  TypedLocalObjectReference: 'apiGroup kind! name!',
  TypedObjectReference: 'apiGroup kind! name! namespace',
  UncountedTerminatedPods: 'failed:[string] succeeded:[string]',
  Volume:
    'awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource flexVolume:FlexVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource image:ImageVolumeSource iscsi:ISCSIVolumeSource name! nfs:NFSVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource vsphereVolume:VsphereVirtualDiskVolumeSource',
  VolumeDevice: 'devicePath! name!',
  VolumeMount:
    'mountPath! mountPropagation name! readOnly:boolean recursiveReadOnly subPath subPathExpr',
  VolumeMountStatus:
    'mountPath! name! readOnly:boolean recursiveReadOnly volumeStatus:VolumeStatus',
  VolumeProjection:
    'clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection serviceAccountToken:ServiceAccountTokenProjection',
  VolumeResourceRequirements: 'limits:{string} requests:{string}',
  VolumeStatus: 'image:ImageVolumeStatus',
  VsphereVirtualDiskVolumeSource:
    'fsType storagePolicyID storagePolicyName volumePath!',
  WeightedPodAffinityTerm: 'podAffinityTerm!:PodAffinityTerm weight!:integer',
  WindowsSecurityContextOptions:
    'gmsaCredentialSpec gmsaCredentialSpecName hostProcess:boolean runAsUserName',
};
