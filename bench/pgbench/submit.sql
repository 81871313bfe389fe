-- One submission, as the service writes it: the same statements, columns and row sizes, one transaction each. The
-- texts are those of a submission of average size, ids as in `log_statement = all`.
-- Ids grow with the run, as the service's do; codes are spread out, as the service's are. :n is the run's first number.
\set n :n + 1
\set id :n * 256 + :client_id
\set code (:id * 2654435761) & 4294967295
begin;
select version from reference where id = 1 for share;
insert into request (
  account, rpc, id, content, petition, seq, at
) values (
  '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a77', 'SubmitPetition', gen_random_uuid(), sha256('content'),
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), 1, now()
) on conflict do nothing;
insert into petition (
  id, code, seq, head, state, open, kind, about, class, field, channel, priority, focal, holder, handler, co_units,
  concerned, received_at, submission, register_unit, register_year, register_number, answer_due_at, reply_by_at, ended_at,
  watch_at, publication, unrouted, clocks, detail
) values (
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid),
  'PAKN.20261121.' || upper(lpad(to_hex(cast(:code as bigint)), 8, '0')), 1, sha256('head'), 'SUBMITTED', true,
  'FEEDBACK', null, 'OTHER', 'TELECOM-MOBILE', 'PORTAL', 'NORMAL', '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a01',
  '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a01', null, '[]', null, now(),
  cast('01980000-0000-7000-8001-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), null, null, null,
  current_date + interval '20 days 17 hours', null, null, current_date + interval '2 days 17 hours', 'NONE', false,
  '{"INTAKE":{"run":"RUNNING","due":{"date":"2026-11-25","at":"2026-11-25T17:00:00Z"},"count":{"from":"2026-11-22T01:30:17.622886Z","span":{"unit":"WORKING_DAY","amount":2}},"policy":"general-1","calendar":"vn-2026-1"},"FORWARD":{"run":"RUNNING","due":{"date":"2026-11-30","at":"2026-11-30T17:00:00Z"},"count":{"from":"2026-11-22T01:30:17.622886Z","span":{"unit":"WORKING_DAY","amount":5}},"policy":"general-1","calendar":"vn-2026-1"},"ANSWER":{"run":"RUNNING","due":{"date":"2026-12-14","at":"2026-12-14T17:00:00Z"},"count":{"from":"2026-11-22T01:30:17.622886Z","span":{"unit":"CALENDAR_DAY","amount":20}},"policy":"general-1","calendar":"vn-2026-1"}}',
  '{"id":"01a200e0-1e96-749f-bda9-b216de8b4213","code":"PAKN.20261122.NKJN03QD","key_generation":0,"seq":1,"version":1,"state":"SUBMITTED","round":1,"round_at":"2026-11-22T01:30:17.622886Z","kind":"FEEDBACK","class":"OTHER","field":"TELECOM-INTERNET","channel":"PORTAL","priority":"NORMAL","medium":"EMAIL","language":"VI","focal":"01a200e0-183f-73c0-846a-18a73e1da0af","holder":"01a200e0-183f-73c0-846a-18a73e1da0af","received_at":"2026-11-22T01:30:17.622886Z","entered_at":"2026-11-22T01:30:17.622886Z","changed_at":"2026-11-22T01:30:17.622886Z","entered_by":"01a200e0-1840-768f-8512-6c14b69b5668","submission":"01a200e0-1e96-749f-bda9-b2170980722a","prolonged": false,"watch_at":"2026-11-25T17:00:00Z","answer_due":{"date":"2026-12-14","at":"2026-12-14T17:00:00Z"},"original_due":{"date":"2026-12-14","at":"2026-12-14T17:00:00Z"},"extensions":0,"returns":0,"publication":"NONE","redaction_revision":0}'
) on conflict do nothing;
insert into petitioner (
  petition, masked_name, signatories, kind, key_version, sealed, portal, subject_hash, email_hash, phone_hash,
  reveals, head, compared, erased_at
) values (
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), 'P. Q. B.', 1,
  'INDIVIDUAL', 1, decode(repeat('a7', 308), 'hex'), '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a77',
  sha256(convert_to('subject' || :id, 'UTF8')), sha256(convert_to('email' || :id, 'UTF8')),
  sha256(convert_to('phone' || :id, 'UTF8')), 0, null, false, null
) on conflict do nothing;
insert into text (
  id, petition, kind, salt, title, body, folded
) values (
  cast('01980000-0000-7000-8001-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid),
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), 'SUBMISSION',
  decode('00112233445566778899aabbccddeeff', 'hex'),
  'Đường truyền Internet cáp quang chập chờn, tổng đài không xử lý dứt điểm (số 30536533)',
  '{"content":"Thuê bao 0930536533. Tôi đề nghị cơ quan có thẩm quyền kiểm tra, làm rõ trách nhiệm và thông báo kết quả bằng văn bản cho người dân được biết. Ngoài ra, đề nghị xem xét sửa đổi biểu mẫu cho ngắn gọn, bỏ các thông tin trùng lặp và cho phép ký số trên điện thoại. Ảnh chụp màn hình, biên nhận và bản ghi thời gian các cuộc gọi được gửi kèm để quý cơ quan tiện đối chiếu. Rất mong sớm nhận được phản hồi của quý cơ quan. Tôi xin trân trọng cảm ơn. Kính gửi quý cơ quan, tôi xin phản ánh sự việc xảy ra tại nơi tôi đang cư trú trong thời gian gần đây. Từ đầu tháng đến nay, chất lượng dịch vụ giảm rõ rệt, nhất là trong khung giờ từ 19 giờ đến 22 giờ hằng ngày. Tôi đã nhiều lần gọi đến tổng đài chăm sóc khách hàng nhưng chỉ nhận được câu trả lời chung chung, không có thời hạn cụ thể. Nhân viên tiếp nhận hẹn kiểm tra trong vòng ba ngày làm việc, tuy nhiên đã hơn hai tuần vẫn chưa có ai liên hệ lại. Việc này ảnh hưởng trực tiếp đến công việc của gia đình tôi, con tôi không thể học trực tuyến, cửa hàng không nhận được đơn hàng. Theo quy định hiện hành, doanh nghiệp phải công bố chất lượng dịch vụ và bồi thường khi không bảo đảm mức đã cam kết. Tôi đã nộp hồ sơ qua cổng dịch vụ công, có mã hồ sơ và biên nhận điện tử, trạng thái vẫn hiển thị đang xử lý. Thành phần hồ sơ yêu cầu bản sao có chứng thực trong khi dữ liệu đã có trong cơ sở dữ liệu quốc gia về dân cư. Khi đến trực tiếp bộ phận một cửa, tôi được hướng dẫn bổ sung giấy tờ không có trong danh mục đã niêm yết công khai.","proposal":"Ngoài ra, đề nghị xem xét sửa đổi biểu mẫu cho ngắn gọn, bỏ các thông tin trùng lặp và cho phép ký số trên điện thoại. Ảnh chụp màn hình, biên nhận và bản ghi thời gian các cuộc gọi được gửi kèm để quý cơ quan tiện đối chiếu. Rất mong sớm nhận được phản hồi của quý cơ quan. Tôi xin trân trọng cảm ơn.","place":"00190","requested_body":"Bộ Thông tin và Truyền thông","procedure_number":"","dossier_number":"","enclosures":""}',
  'duong truyen internet cap quang chap chon tong dai khong xu ly dut diem so 30536533 thue bao 0930536533 toi de nghi co quan co tham quyen kiem tra lam ro trach nhiem va thong bao ket qua bang van ban cho nguoi dan duoc biet ngoai ra de nghi xem xet sua doi bieu mau cho ngan gon bo cac thong tin trung lap va cho phep ky so tren dien thoai anh chup man hinh bien nhan va ban ghi thoi gian cac cuoc goi duoc gui kem de quy co quan tien doi chieu rat mong som nhan duoc phan hoi cua quy co quan toi xin tran trong cam on kinh gui quy co quan toi xin phan anh su viec xay ra tai noi toi dang cu tru trong thoi gian gan day tu dau thang den nay chat luong dich vu giam ro ret nhat la trong khung gio tu 19 gio den 22 gio hang ngay toi da nhieu lan goi den tong dai cham soc khach hang nhung chi nhan duoc cau tra loi chung chung khong co thoi han cu the nhan vien tiep nhan hen kiem tra trong vong ba ngay lam viec tuy nhien da hon hai tuan van chua co ai lien he lai viec nay anh huong truc tiep den cong viec cua gia dinh toi con toi khong the hoc truc tuyen cua hang khong nhan duoc don hang theo quy dinh hien hanh doanh nghiep phai cong bo chat luong dich vu va boi thuong khi khong bao dam muc da cam ket toi da nop ho so qua cong dich vu cong co ma ho so va bien nhan dien tu trang thai van hien thi dang xu ly thanh phan ho so yeu cau ban sao co chung thuc trong khi du lieu da co trong co so du lieu quoc gia ve dan cu khi den truc tiep bo phan mot cua toi duoc huong dan bo sung giay to khong co trong danh muc da niem yet cong khai ngoai ra de nghi xem xet sua doi bieu mau cho ngan gon bo cac thong tin trung lap va cho phep ky so tren dien thoai anh chup man hinh bien nhan va ban ghi thoi gian cac cuoc goi duoc gui kem de quy co quan tien doi chieu rat mong som nhan duoc phan hoi cua quy co quan toi xin tran trong cam on'
) on conflict do nothing;
insert into letter (
  id, petition, account, kind, recipient, medium, status, texts, facts, ordered_at, attempts, next_attempt_at, lease,
  lease_until, sending_since, settled_at, last_reply, address_hash, template_version, sent_salt, sent_hash
) values (
  cast('01980000-0000-7000-8002-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid),
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), null, 'receipt', 'PETITIONER',
  'EMAIL', 'PENDING', '[]',
  '{"answer_due":"14/12/2026","focal_unit":"Văn phòng Bộ","original_due":"14/12/2026","received_at":"22/11/2026 04:55","unit":"Văn phòng Bộ","unit_code":"BTTTT-VP"}',
  now(), 0, now(), null, null, null, null, '', null, null, null, null
) on conflict do nothing;
insert into standing (
  petition, seq, round, data_request, since, until, received_at, holder, field, class, due_at, due_date, provisional, extended,
  ended_at, ended_as, verdict, published
) values (
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), 1, 1, false, now(), null, now(),
  '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a01', 'TELECOM-MOBILE', 'OTHER', current_date + interval '20 days 17 hours',
  current_date + 20, false, false, null, null, null, false
) on conflict do nothing;
insert into event (
  petition, seq, kind, at, actor, stored, hash
) values (
  cast('01980000-0000-7000-8000-' || lpad(to_hex(cast(:id as bigint)), 12, '0') as uuid), 1, 'SUBMITTED', now(),
  '0198a7c2-6f1e-7a30-9d54-3b8e2f6c1a77',
  '{"petition":"01a200e0-1e96-749f-bda9-b216de8b4213","seq":1,"version":1,"at":"2026-11-22T01:30:17.622886Z","actor":{"as":"ACCOUNT","account":"01a200e0-1840-768f-8512-6c14b69b5668","unit":"01a200e0-183f-73c0-846a-18a6a89e29b6"},"state":"SUBMITTED","answer_due":{"date":"2026-12-14","at":"2026-12-14T17:00:00Z"},"watch_at":"2026-11-25T17:00:00Z","clocks":[{"clock":"INTAKE","step":"START","at":"2026-11-22T01:30:17.622886Z","due":{"date":"2026-11-25","at":"2026-11-25T17:00:00Z"},"count":{"from":"2026-11-22T01:30:17.622886Z","span":{"unit":"WORKING_DAY","amount":2}},"policy":"general-1","calendar":"vn-2026-1"},{"clock":"FORWARD","step":"START","at":"2026-11-22T01:30:17.622886Z","due":{"date":"2026-11-30","at":"2026-11-30T17:00:00Z"},"count":{"from":"2026-11-22T01:30:17.622886Z","span":{"unit":"WORKING_DAY","amount":5}},"policy":"general-1","calendar":"vn-2026-1"},{"clock":"ANSWER","step":"START","at":"2026-11-22T01:30:17.622886Z","due":{"date":"2026-12-14","at":"2026-12-14T17:00:00Z"},"count":{"from":"2026-11-22T01:30:17.622886Z","span":{"unit":"CALENDAR_DAY","amount":20}},"policy":"general-1","calendar":"vn-2026-1"}],"event":{"kind":"SUBMITTED","code":"PAKN.20261122.NKJN03QD","petition_kind":"FEEDBACK","class":"OTHER","field":"TELECOM-INTERNET","channel":"PORTAL","medium":"EMAIL","language":"VI","focal":"01a200e0-183f-73c0-846a-18a73e1da0af","received_at":"2026-11-22T01:30:17.622886Z","entered_by":"01a200e0-1840-768f-8512-6c14b69b5668","text":{"id":"01a200e0-1e96-749f-bda9-b2170980722a","kind":"SUBMISSION","hash":"66696f2fe928f33515b41fee8f99bc13dbb86adc9109d029dac9b2bdbe2ba581"}}}',
  sha256('head')
) on conflict do nothing;
commit;
